import { ledgerRowsOf, type SinkBatch, type SinkTarget, type SliceEffects } from '@vigil/kafka';
import type { Pool } from 'pg';
import { acquirePositions, advancePositions, holdsPositions } from './fenced-positions.ts';
import { insertLedgerRows, relayLedger } from './ledger-outbox.ts';
import { inTransaction, type Transaction } from './transaction.ts';

export interface PostgresTargetOptions<Prepared = undefined> {
  readonly pool: Pool;
  /** Consumer group and name of the positions. */
  readonly sink: string;
  /** Runs inside the transaction that took partitions over: what a predecessor left behind is cleared here. */
  readonly onAcquired?: (transaction: Transaction, partitions: readonly AcquiredPartition[]) => Promise<void>;
  /** Work before the transaction begins: files, keys of dimensions. Repeated with the batch. */
  readonly prepare?: (batch: SinkBatch) => Promise<Prepared>;
  /** Writes the rows of a batch; its position is already advanced and locked. Returns what became of each slice, in order. */
  readonly writeRows: (transaction: Transaction, batch: SinkBatch, prepared: Prepared) => Promise<readonly SliceEffects[]>;
  /** After the commit, best effort: caches, nudges. Must not throw. */
  readonly onWritten?: (batch: SinkBatch) => void;
  /** After a batch that was not written, or whose fate is unknown: what was remembered because of it is forgotten. */
  readonly onFailed?: () => void;
}

export interface AcquiredPartition {
  readonly topic: string;
  readonly partition: number;
  readonly epoch: number;
}

/** A sink target whose rows, positions and ledger rows change in one PostgreSQL transaction, fenced by an epoch. */
export function createPostgresTarget<Prepared = undefined>(options: PostgresTargetOptions<Prepared>): SinkTarget {
  const { pool, sink, onAcquired, prepare, writeRows, onWritten, onFailed } = options;

  const writeOnce = async (batch: SinkBatch): Promise<readonly SliceEffects[]> => {
    const prepared = (await prepare?.(batch)) as Prepared;
    return inTransaction(pool, async (transaction) => {
      await advancePositions(transaction, sink, batch.slices);
      const effects = await writeRows(transaction, batch, prepared);
      await insertLedgerRows(transaction, sink, ledgerRowsOf(batch, effects));
      return effects;
    });
  };

  const write = async (batch: SinkBatch): Promise<readonly SliceEffects[]> => {
    try {
      const effects = await writeOnce(batch);
      onWritten?.(batch);
      return effects;
    } catch (error) {
      onFailed?.();
      throw error;
    }
  };

  return {
    acquire: (requests) =>
      inTransaction(pool, async (transaction) => {
        const leases = await acquirePositions(transaction, sink, requests);
        await onAcquired?.(transaction, leases);
        return leases;
      }),
    write,
    holds: (held) => holdsPositions(pool, sink, held),
    relayLedger: (publish) => relayLedger(pool, sink, publish),
  };
}
