import { join } from 'node:path';
import { parseDefinition, workflowSchema } from '@vigil/definitions';
import { openSettledEntries } from '@vigil/postgres';
import { resetGauges, runService } from '@vigil/runtime';
import { compilePlan } from '@vigil/workflows';
import { startLineage } from './adapters/lineage/start-lineage.ts';
import { createReadEnds } from './adapters/runs/read-record-ends.ts';
import { startApi } from './adapters/api/start-api.ts';
import { startRuns } from './adapters/runs/start-runs.ts';
import { createScheduleHooks, startSchedules } from './adapters/schedules/start-schedules.ts';
import { startLagObserver } from './adapters/watch/start-lag-observer.ts';
import { traceRuns } from './adapters/traces/trace-runs.ts';
import { startQuarantineWatch } from './adapters/watch/start-quarantine-watch.ts';
import { startReconciler } from './adapters/watch/start-reconciler.ts';
import { defaultWorkflowsDir, settings } from './config.ts';
import { events } from './events.ts';
import { loadPools } from './load-pools.ts';

/** orchestrator without arguments: watches the stages of the fleet as a whole and carries workflows: runs, schedules, API. Wiring only. */
export const runOrchestrator = (): Promise<void> =>
  runService({ name: 'orchestrator', settings, events }, async (service) => {
    const { isActive } = await startLagObserver(service);
    startReconciler(service, isActive);
    startQuarantineWatch(
      {
        ...service,
        settled: openSettledEntries(service.settings.databaseUrl, 'orchestrator quarantine'),
        forgetFigures: () => resetGauges(events.declared.quarantineObserved, service.metrics),
      },
      isActive,
    );
    const { client, settings: own, onClose, supervise } = service;
    const hooks = createScheduleHooks(() => runs.runs);
    const lineage = await startLineage(service);
    const runs = await startRuns({
      ...service,
      pools: loadPools(own.workflowsDir),
      compile: (text, version) => compilePlan(parseDefinition(text, 'definition', workflowSchema), version),
      readEnds: createReadEnds(client.admin),
      extend: () => ({ ...hooks, runs: { ...hooks.runs, tell: lineage.tell } }),
      onPublished: (messages) => {
        lineage.onPublished(messages);
        if (service.spans !== null) traceRuns(service.spans, messages);
      },
    });
    onClose('runs', runs.close);
    supervise('reports', runs.reports);
    service.health.watch('runs', () => ({ live: true, ready: runs.isWell() }));
    const stores = { ...service, runs: runs.runs, definitions: runs.definitions };
    const schedules = startSchedules({
      ...stores,
      ...own,
      hooks,
      sourcesFile: join(own.workflowsDir ?? defaultWorkflowsDir, 'sources.yaml'),
    });
    onClose('schedules', schedules.close);
    const api = await startApi({ ...stores, settings: own, nudge: hooks.nudge });
    onClose('api of workflows', api.close);
  });
