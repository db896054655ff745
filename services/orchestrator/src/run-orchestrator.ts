import { openSettledEntries } from '@vigil/postgres';
import { resetGauges, runService } from '@vigil/runtime';
import { startLagObserver } from './adapters/watch/start-lag-observer.ts';
import { startQuarantineWatch } from './adapters/watch/start-quarantine-watch.ts';
import { startReconciler } from './adapters/watch/start-reconciler.ts';
import { settings } from './config.ts';
import { events } from './events.ts';

/** orchestrator without arguments: watches the stages of the fleet as a whole. Wiring only. */
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
  });
