import type { BatchProgressed } from '@vigil/contracts';
import type { PublishLedger } from '@vigil/kafka';
import type { Pool } from 'pg';
import { inTransaction, type Transaction } from './transaction.ts';

/** Keeps the ledger rows of a batch beside its data; `relayLedger` publishes them afterwards. */
export async function insertLedgerRows(transaction: Transaction, sink: string, rows: readonly BatchProgressed[]): Promise<void> {
  if (rows.length === 0) return;
  await transaction.query('INSERT INTO engine.ledger_outbox (sink, entry) SELECT $1, unnest($2::jsonb[])', [
    sink,
    rows.map((row) => JSON.stringify(row)),
  ]);
}

const takeSql = `
  DELETE FROM engine.ledger_outbox WHERE id IN (
    SELECT id FROM engine.ledger_outbox WHERE sink = $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)
  RETURNING id, entry`;

/**
 * Publishes what the outbox holds for `sink`, oldest first, and removes it once it is acknowledged.
 *
 * At least once: a crash between acknowledgement and commit publishes a row again, and readers count a row once by its
 * place (stage, topic, partition, first offset, batch id).
 *
 * @returns how many rows were published
 */
export async function relayLedger(pool: Pool, sink: string, publish: PublishLedger): Promise<number> {
  const atOnce = 500;
  let published = 0;
  for (;;) {
    const count = await inTransaction(pool, async (transaction) => {
      const { rows } = await transaction.query<{ id: number; entry: BatchProgressed }>(takeSql, [sink, atOnce]);
      rows.sort((a, b) => a.id - b.id);
      if (rows.length > 0) await publish(rows.map(({ entry }) => entry));
      return rows.length;
    });
    published += count;
    if (count < atOnce) return published;
  }
}
