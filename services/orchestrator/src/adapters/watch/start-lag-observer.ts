import type { Clock } from '@vigil/core';
import { readHalts, systemEngineClock, type KafkaClient, type SchemaRegistry } from '@vigil/kafka';
import { openSinkPositions } from '@vigil/postgres';
import { resetGauges, type EmittersOf, type Health, type Metrics, type OnClose } from '@vigil/runtime';
import { events } from '../../events.ts';
import { watchGroups } from '../../loops/watch/watch-groups.ts';
import { createLagPublisher } from './create-lag-publisher.ts';
import { measureGroups } from './measure-groups.ts';
import { standForObserver, type Candidacy } from './stand-for-observer.ts';
import { createTroubleLog } from './trouble-log.ts';

export interface LagObserverParts {
  readonly settings: {
    readonly databaseUrl: string;
    readonly warehouseUrl: string;
    readonly sessionTimeoutMs: number;
    readonly lagEveryMs: number;
  };
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  readonly clock: Clock;
  readonly events: EmittersOf<(typeof events)['declared']>;
  readonly metrics: Metrics;
  readonly health: Health;
  readonly onClose: OnClose;
  readonly fail: (error: unknown) => void;
}

/** Not ready after this many intervals without a look. */
const missedTurns = 10;

/** The lag observer with its candidacy; closed in reverse: no further look, then the group is left, then producer and pools. */
export async function startLagObserver(parts: LagObserverParts): Promise<Pick<Candidacy, 'isActive'>> {
  const { settings, client, registry, clock, events: emit, metrics, health, onClose, fail } = parts;
  const { lagEveryMs: everyMs, sessionTimeoutMs } = settings;
  const sinkPositions = openSinkPositions([settings.databaseUrl, settings.warehouseUrl], 'orchestrator lag');
  onClose('sink positions', () => sinkPositions.close());
  const publisher = createLagPublisher(client, registry);
  onClose('lag publisher', () => publisher.close());
  const log = createTroubleLog(client, registry);
  onClose('trouble log of the lag observer', log.close);
  const onChange = (isActive: boolean): void => (isActive ? emit.observing({}) : emit.standingBy({}));
  const candidacy = await standForObserver({ client, sessionTimeoutMs, onChange, onFatal: fail });
  onClose('candidacy', candidacy.close);
  const measure = measureGroups({ client, sinkPositions: () => sinkPositions.read(), clock });
  const { isActive } = candidacy;
  const watch = watchGroups({
    ...log,
    measure,
    publish: publisher.publish,
    isActive,
    clock: systemEngineClock,
    everyMs,
    halted: async () => new Set((await readHalts({ client, registry })).keys()),
    forgetFigures: () => resetGauges(events.declared.groupObserved, metrics),
    events: emit,
    onFatal: fail,
  });
  onClose('lag watch', () => watch.stop());
  health.watch('lag observer', () => ({
    live: true,
    ready: systemEngineClock.now() - (watch.lastTurnMs() ?? -Infinity) < everyMs * missedTurns,
  }));
  return { isActive };
}
