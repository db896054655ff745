import { classifyError, steadyClock } from '@vigil/core';
import { runSink, type EngineObserver, type EngineSettings, type KafkaClient, type SchemaRegistry, type Stage } from '@vigil/kafka';
import { createPool, type Transaction } from '@vigil/postgres';
import type { EmittersOf } from '@vigil/runtime';
import { decide, type RunPlan } from '@vigil/workflows';
import type { PoolConfig } from '../../domain/runs/choose-parts.ts';
import type { DefinitionHooks, DefinitionStore, OutboxMessage, RunHooks, RunReader, RunStore } from '../../domain/runs/ports.ts';
import { createSilenceTrust } from '../../domain/runs/trust-silence.ts';
import { defaultRunPace, startRunLoops, type RunLoops, type RunPace } from '../../loops/runs/start-run-loops.ts';
import type { runEvents } from '../../run-events.ts';
import { createDefinitionStore, createPlanCache } from './create-definition-store.ts';
import { createDispatcher } from './create-dispatcher.ts';
import { createPublisher, type Publisher } from './create-publisher.ts';
import { createReportTarget, reportSink } from './create-report-target.ts';
import { createReadReportReading } from './read-report-reading.ts';
import { createRunReader } from './create-run-reader.ts';
import { createRunStore } from './create-run-store.ts';
import { createStepper, type Stepper } from './create-stepper.ts';
import { loseDeadAttempts, takeDueInputs } from './due-inputs.ts';
import { ensurePools, forgetRuns, forgetWorkers, pruneInbox, readBacklog } from './keep-house.ts';
import { quarantineFiles } from './quarantine-files.ts';
import type { Aftermath } from './save-steps.ts';

export interface RunSettings {
  readonly databaseUrl: string;
  readonly leaseMs: number;
  readonly workerSilentMs: number;
  readonly ageingMs: number;
  readonly reserveAfterMs: number;
  readonly retentionDays: number;
}

/** What the rest of the orchestrator does in the transactions of runs; made once the stores are there. */
export interface RunExtensions {
  readonly runs?: RunHooks<Transaction>;
  readonly definitions?: DefinitionHooks<Transaction>;
}

export interface StartRunsOptions {
  readonly settings: RunSettings;
  readonly pools: readonly PoolConfig[];
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  readonly observer: EngineObserver;
  readonly engine: Partial<EngineSettings>;
  readonly events: EmittersOf<typeof runEvents>;
  readonly compile: (text: string, version: { readonly version: number; readonly sha256: string }) => RunPlan;
  readonly readEnds: () => Promise<Readonly<Record<string, number>>>;
  readonly extend?: (stores: RunStores) => RunExtensions;
  /** Told of messages that Kafka has acknowledged. */
  readonly onPublished?: (messages: readonly OutboxMessage[]) => void;
  readonly fail: (error: unknown) => void;
  readonly pace?: RunPace;
}

export interface RunStores {
  readonly runs: RunStore<Transaction>;
  readonly definitions: DefinitionStore;
  readonly reader: RunReader;
  readonly pool: ReturnType<typeof createPool>;
}

export interface StartedRuns extends RunStores {
  /** Reports of workers: to supervise. */
  readonly reports: Stage;
  /** The database was asked lately and answered. */
  readonly isWell: () => boolean;
  readonly close: () => Promise<void>;
}

/** Longer than a publication may take: after it others take over what this process claimed. */
const claimMs = 15_000;
const atOnce = 500;
const maxLeaseMs = 300_000;
const forgottenAtOnce = 200;
const prunedAtOnce = 5000;
const missedRounds = 3;

/** Steps with their time told. */
const timed = (stepper: Stepper, { events }: StartRunsOptions): Stepper => ({
  ...stepper,
  take: async (transaction, inputs, claimed) => {
    const startedMs = steadyClock.now();
    const stepped = await stepper.take(transaction, inputs, claimed);
    if (stepped.results.length === 0) return stepped;
    const count = (outcome: string): number => stepped.results.filter((result) => result.outcome === outcome).length;
    events.stepsTaken({ taken: count('applied'), ignored: count('ignored'), durationMs: Math.max(0, steadyClock.now() - startedMs) });
    return stepped;
  },
});

/** Opens the engine of runs: stores, dispatcher, relay, leases, timers and the reports of workers. */
export async function startRuns(options: StartRunsOptions): Promise<StartedRuns> {
  const { settings, events, fail, client, registry } = options;
  const { databaseUrl: url, leaseMs, workerSilentMs } = settings;
  const pace = options.pace ?? defaultRunPace;
  const pool = createPool({ url, applicationName: 'orchestrator runs', role: 'vigil_orchestrator', maxConnections: 10 });
  const onTrouble = (error: unknown): void => events.runsTroubled({ code: classifyError(error).code as 'DATABASE_AWAY' });
  const publisher: Publisher = createPublisher({
    pool,
    client,
    registry,
    claimMs,
    onPublished: options.onPublished,
    onRefused: ({ topic }) => events.messageRefused({ topic }),
  });
  const late: { loops?: RunLoops; extensions?: RunExtensions } = {};
  const settle = ({ messages, pools, hasDue }: Aftermath): void => {
    publisher.publish(messages).catch(onTrouble);
    late.loops?.nudgePools(pools);
    if (hasDue) late.loops?.nudgeDue();
  };
  const settleAll = (): void => {
    late.loops?.nudgePools(['default', 'batch', 'stream']);
    late.loops?.nudgeDue();
    late.loops?.nudgeRelay();
  };
  const hooks: RunHooks<Transaction> = {
    ended: async (transaction, runs) => late.extensions?.runs?.ended?.(transaction, runs),
    fellBack: async (transaction, tasks) => {
      await quarantineFiles(transaction, tasks);
      for (const { action } of tasks) events.taskFellBack({ action });
      await late.extensions?.runs?.fellBack?.(transaction, tasks);
    },
    tell: (steps) => late.extensions?.runs?.tell?.(steps) ?? [],
  };
  let observedAtMs = steadyClock.now();
  const plans = createPlanCache();
  const stepper = timed(createStepper({ decide, ...plans, hooks, leaseMs }), options);
  const definitions = createDefinitionStore(
    {
      pool,
      compile: options.compile,
      readEnds: options.readEnds,
      onDeployed: settleAll,
      hooks: {
        inForce: async (...given) => late.extensions?.definitions?.inForce?.(...given),
        switched: async (...given) => late.extensions?.definitions?.switched?.(...given),
      },
    },
    plans,
  );
  const runs = createRunStore({ pool, stepper, claimMs, settle, settleAll });
  const stores: RunStores = { runs, definitions, reader: createRunReader(pool, workerSilentMs), pool };
  late.extensions = options.extend?.(stores) ?? {};
  await ensurePools(pool, options.pools);

  const dispatch = createDispatcher({ pool, ...settings, claimMs, atOnce: 200, explainEveryMs: pace.explainMs });
  const onPostponed = (_runId: string, error: unknown): void => events.runPostponed({ code: classifyError(error).code as 'ROW_REFUSED' });
  const due = { pool, stepper, claimMs, atOnce, onPostponed };
  const mayLose = createSilenceTrust(leaseMs / 3);
  const readReading = createReadReportReading(client.admin, pool);
  late.loops = startRunLoops({
    pace,
    onTrouble,
    onFatal: fail,
    dispatch: async (name) => {
      const startedMs = steadyClock.now();
      const { messages, queuedMs, next } = await dispatch(name);
      publisher.publish(messages).catch(onTrouble);
      if (queuedMs.length > 0)
        events.poolDispatched({ pool: name, count: queuedMs.length, durationMs: Math.max(0, steadyClock.now() - startedMs) });
      for (const ms of queuedMs) events.taskDispatched({ pool: name, queuedMs: Math.max(0, ms) });
      return next;
    },
    takeDue: async () => {
      const taken = await takeDueInputs(due);
      settle(taken);
      return taken.next;
    },
    loseDead: async () => {
      const nowMs = steadyClock.now();
      const reading = await readReading().catch((error: unknown) => {
        mayLose(null, nowMs);
        throw error;
      });
      if (!mayLose(reading, nowMs)) return 'rest';
      const { lost, next, ...aftermath } = await loseDeadAttempts(due);
      settle(aftermath);
      if (lost > 0) events.leasesLost({ count: lost });
      return next;
    },
    relay: async () => {
      const count = await publisher.relay();
      if (count > 0) events.messagesRelayed({ count });
    },
    observe: async () => {
      const { pools, ...totals } = await readBacklog(pool);
      for (const one of pools) events.poolObserved(one);
      events.runsObserved(totals);
      observedAtMs = steadyClock.now();
    },
    prune: async () => {
      await forgetWorkers(pool);
      const inbox = await pruneInbox(pool, prunedAtOnce);
      const runs = await forgetRuns(pool, settings.retentionDays, forgottenAtOnce);
      return inbox.next === 'again' || runs >= forgottenAtOnce ? 'again' : 'rest';
    },
  });
  const target = createReportTarget({
    pool,
    stepper,
    claimMs,
    maxLeaseMs,
    settle,
    onReported: ({ duplicates, unknown }) => events.reportsTaken({ duplicates, unknown }),
  });
  const stage = await runSink(reportSink, { client, registry, target, observer: options.observer, settings: options.engine });
  return {
    ...stores,
    reports: stage,
    isWell: () => steadyClock.now() - observedAtMs <= missedRounds * pace.observeMs,
    close: async () => {
      await late.loops?.close();
      await publisher.close();
      await pool.end();
    },
  };
}
