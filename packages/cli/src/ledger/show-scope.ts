import { balanceLedger, type Ledger, topics, type BatchProgressed } from '@vigil/contracts';
import { measurePositions, offsetsSince, openLedger, type LagSources, type SchemaRegistry } from '@vigil/kafka';
import { findFirstBreaks, type FirstBreak } from './first-breaks.ts';
import { ofBatch, ofTopic, sinceTime, type LedgerScope } from './narrow-ledger.ts';

/** A part of the account, with the places where it breaks. */
export interface ScopedLedger extends Ledger {
  readonly first: readonly FirstBreak[];
}

export interface ScopeSources extends Pick<LagSources, 'client' | 'sinkPositions'> {
  readonly registry: Pick<SchemaRegistry, 'schemaOf'>;
}

const isWanted =
  ({ batchId, sinceMs }: LedgerScope) =>
  (row: BatchProgressed): boolean =>
    (batchId === undefined || row.batchId === batchId) && (sinceMs === undefined || row.committedAt >= sinceMs);

/** Reads no more of the ledger topic than the scope needs: since a time, only its end. */
export async function showScope({ client, sinkPositions, registry }: ScopeSources, scope: LedgerScope): Promise<ScopedLedger> {
  const positions = await measurePositions({ client, sinkPositions });
  const from = scope.sinceMs === undefined ? [] : await offsetsSince(client, topics.batchProgressed.name, scope.sinceMs);
  const reader = await openLedger({ client, registry, from, wants: isWanted(scope) });
  try {
    const totals = await reader.catchUp();
    const whole =
      scope.batchId !== undefined ? ofBatch(totals) : scope.sinceMs === undefined ? balanceLedger(totals, positions) : sinceTime(totals);
    const ledger = scope.topic === undefined ? whole : ofTopic(whole, scope.topic);
    return { ...ledger, first: await findFirstBreaks({ client, registry }, ledger, positions) };
  } finally {
    await reader.close();
  }
}
