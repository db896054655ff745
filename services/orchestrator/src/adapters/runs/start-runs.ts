import { workflowPools } from '@vigil/contracts';
import { classifyError, steadyClock } from '@vigil/core';
import { runSink } from '@vigil/kafka';
import { createPool } from '@vigil/postgres';
import { decide } from '@vigil/workflows';
import { createExplainPace } from '../../domain/runs/explain-pace.ts';
import { defaultRunPace, startRunLoops, type RunLoops } from '../../loops/runs/start-run-loops.ts';
import type { Aftermath } from './aftermath.ts';
import { createDefinitionStore, createPlanCache } from './create-definition-store.ts';
import { createDispatcher } from './create-dispatcher.ts';
import { createPublisher } from './create-publisher.ts';
import { createReportTarget, reportSink, type ReportCounts } from './create-report-target.ts';
import { createRunReader } from './create-run-reader.ts';
import { createRunStore } from './create-run-store.ts';
import { createRunWork } from './create-run-work.ts';
import { createStepper } from './create-stepper.ts';
import { ensurePools } from './keep-house.ts';
import { createLateHooks } from './late-hooks.ts';
import { createPartRowsReader } from './part-rows.ts';
import type { RunStores, StartedRuns, StartRunsOptions } from './run-engine.ts';
import { timeSteps } from './time-steps.ts';

/** Longer than a publication may take: after it others take over what this process claimed. */
const claimMs = 15_000;
const maxLeaseMs = 300_000;
const dispatchedAtOnce = 200;
const missedRounds = 3;

/** Opens the engine of runs: stores, dispatcher, relay, leases, timers and the reports of workers. */
export async function startRuns(options: StartRunsOptions): Promise<StartedRuns> {
  const { settings, events, fail, client, registry, pace = defaultRunPace } = options;
  const { databaseUrl: url, leaseMs, workerSilentMs } = settings;
  const pool = createPool({ url, applicationName: 'orchestrator runs', role: 'vigil_orchestrator', maxConnections: 10 });
  const partRows = createPartRowsReader();
  const explaining = createExplainPace(pace.explainMs);
  const onFault = (error: unknown): void => options.log?.failure('a run cannot take its inputs', error);
  const onFailed = (): void => partRows.forget();
  const onTrouble = (error: unknown): void => {
    onFailed();
    events.runsTroubled({ code: classifyError(error).code as 'DATABASE_AWAY' });
  };
  const publisher = createPublisher({
    pool,
    client,
    registry,
    claimMs,
    onPublished: options.onPublished,
    onRefused: ({ topic }) => events.messageRefused({ topic }),
  });
  let loops: RunLoops | undefined;
  const settle = ({ messages, pools, hasDue, left }: Aftermath): void => {
    partRows.remember(left);
    for (const name of pools) explaining.stir(name);
    publisher.publish(messages).catch(onTrouble);
    loops?.nudgePools(pools);
    if (hasDue) loops?.nudgeDue();
  };
  const settleAll = (): void => {
    loops?.nudgePools(workflowPools);
    loops?.nudgeDue();
    loops?.nudgeRelay();
  };
  const onReported = ({ duplicates, unknown, refusals }: ReportCounts): void => {
    events.reportsTaken({ duplicates, unknown });
    for (const error of refusals) {
      events.reportsKept({ code: classifyError(error).code as 'ROW_REFUSED' });
      onFault(error);
    }
  };
  const hooks = createLateHooks(events);
  const plans = createPlanCache();
  const stepper = timeSteps(createStepper({ decide, ...plans, hooks: hooks.runs, leaseMs, partRows }), events);
  const definitions = createDefinitionStore({ pool, ...options, onDeployed: settleAll, hooks: hooks.definitions }, plans);
  const runs = createRunStore({ pool, stepper, claimMs, settle, settleAll, onFailed });
  const stores: RunStores = { runs, definitions, reader: createRunReader(pool, workerSilentMs), pool };
  hooks.extend(options.extend?.(stores) ?? {});
  await ensurePools(pool, options.pools);

  const dispatch = createDispatcher({ pool, ...settings, claimMs, atOnce: dispatchedAtOnce, explaining });
  let observedAtMs = steadyClock.now();
  const onObserved = (): void => void (observedAtMs = steadyClock.now());
  const tools = { pool, client, stepper, dispatch, publisher, claimMs, ...settings, events };
  const work = createRunWork({ ...tools, settle, onTrouble, onFault, onObserved });
  loops = startRunLoops({ pace, onTrouble, onFatal: fail, ...work });
  const target = createReportTarget({ pool, stepper, claimMs, maxLeaseMs, settle, onReported, onFailed });
  const stage = await runSink(reportSink, { client, registry, target, observer: options.observer, settings: options.engine });
  return {
    ...stores,
    reports: stage,
    isWell: () => steadyClock.now() - observedAtMs <= missedRounds * pace.observeMs,
    close: async () => {
      await loops?.close();
      await publisher.close();
      await pool.end();
    },
  };
}
