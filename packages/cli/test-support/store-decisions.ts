import { topics, type ClaimAdjudicated } from '@vigil/contracts';
import type { Pool } from 'pg';

export interface StoredAt {
  readonly partition?: number;
  readonly from?: number;
  readonly topic?: string;
  readonly batchId?: string;
}

const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const asTime: ReadonlySet<string> = new Set(['receivedAt', 'decidedAt']);

const rowOf = (values: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [snake(name), asTime.has(name) ? new Date(value as number).toISOString() : value]),
  );

/** Stores decisions as the loader does, at one offset after the other, and moves its position behind them. */
export async function storeDecisions(pool: Pool, decisions: readonly ClaimAdjudicated[], at: StoredAt = {}): Promise<void> {
  const { partition = 0, from = 0, topic = topics.claimAdjudicated.name, batchId = null } = at;
  const rows: Record<'decision' | 'decision_line' | 'decision_adjustment', object[]> = {
    decision: [],
    decision_line: [],
    decision_adjustment: [],
  };
  for (const [index, { lines, ...decision }] of decisions.entries()) {
    const source = { srcTopic: topic, srcPartition: partition, srcOffset: from + index };
    const of = { decisionId: decision.decisionId, ...source };
    rows.decision.push(rowOf({ ...decision, batchId, ...source }));
    for (const { adjustments, ...line } of lines) {
      rows.decision_line.push(rowOf({ ...line, ...of }));
      rows.decision_adjustment.push(
        ...adjustments.map(({ group, carc, cents }, place) =>
          rowOf({ ...of, line: line.line, place: place + 1, groupCode: group, carc, amountCents: cents }),
        ),
      );
    }
  }
  for (const [table, values] of Object.entries(rows)) {
    await pool.query(`INSERT INTO claims.${table} SELECT * FROM jsonb_populate_recordset(NULL::claims.${table}, $1)`, [
      JSON.stringify(values),
    ]);
  }
  await pool.query(
    `INSERT INTO engine.sink_offset (sink, topic, part, topic_id, epoch, next_offset) VALUES ('warehouse-loader.operational', $1, $2, 'id', 1, $3)
     ON CONFLICT (sink, topic, part) DO UPDATE SET next_offset = $3`,
    [topic, partition, from + decisions.length],
  );
}
