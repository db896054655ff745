import { measurePositions, openLedger, systemEngineClock, type KafkaClient, type SchemaRegistry } from '@vigil/kafka';
import { openSinkPositions } from '@vigil/postgres';
import { resetGauges, type EmittersOf, type Metrics, type OnClose } from '@vigil/runtime';
import { events } from '../../events.ts';
import { watchLedger } from '../../loops/watch/watch-ledger.ts';
import { readRecordOffsets } from './read-record-offsets.ts';
import { createTroubleLog } from './trouble-log.ts';

export interface ReconcilerParts {
  readonly settings: {
    readonly databaseUrl: string;
    readonly warehouseUrl: string;
    readonly ledgerEveryMs: number;
    readonly ledgerPatienceMs: number;
  };
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  readonly events: EmittersOf<(typeof events)['declared']>;
  readonly metrics: Metrics;
  readonly onClose: OnClose;
  readonly fail: (error: unknown) => void;
}

/** Rows that are known again per stage and partition: hours of commits, some megabytes. */
const rememberRows = 20_000;

/** The continuous reconciliation of the ledger, by the instance that `isActive` names. */
export function startReconciler(parts: ReconcilerParts, isActive: () => boolean): void {
  const { settings, client, registry, metrics, onClose, fail } = parts;
  const sinkPositions = openSinkPositions([settings.databaseUrl, settings.warehouseUrl], 'orchestrator ledger');
  onClose('sink positions of the ledger', () => sinkPositions.close());
  const log = createTroubleLog(client, registry);
  onClose('trouble log', log.close);
  const watch = watchLedger({
    ...log,
    openLedger: (onRow) =>
      openLedger({
        client,
        registry,
        rememberRows,
        wants: (row) => {
          onRow(row);
          return true;
        },
      }),
    readOffsets: (stretches) => readRecordOffsets(client, stretches),
    positions: () => measurePositions({ client, sinkPositions: () => sinkPositions.read() }),
    isActive,
    clock: systemEngineClock,
    everyMs: settings.ledgerEveryMs,
    patienceMs: settings.ledgerPatienceMs,
    events: parts.events,
    forgetFigures: () => resetGauges(events.declared.ledgerReconciled, metrics),
    onFatal: fail,
  });
  onClose('ledger watch', () => watch.stop());
}
