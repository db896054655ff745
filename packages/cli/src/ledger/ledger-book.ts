import type { BatchProgressed } from '@vigil/contracts';

/** What one stage did with one topic, added up. */
export interface StageTotals {
  readonly stage: string;
  readonly topic: string;
  consumed: number;
  processed: number;
  late: number;
  lateCorrected: number;
  duplicate: number;
  rejected: number;
  suppressed: number;
  readonly outputs: Record<string, number>;
}

/** Adds up ledger rows, each once: a sink publishes a row again when it crashed after the acknowledgement. */
export interface LedgerBook {
  enter(row: BatchProgressed): void;
  totals(): readonly StageTotals[];
}

const counts = ['consumed', 'processed', 'late', 'lateCorrected', 'duplicate', 'rejected', 'suppressed'] as const;

/** A stage that did nothing with a topic so far. */
export const emptyTotals = (stage: string, topic: string): StageTotals => ({
  stage,
  topic,
  consumed: 0,
  processed: 0,
  late: 0,
  lateCorrected: 0,
  duplicate: 0,
  rejected: 0,
  suppressed: 0,
  outputs: {},
});

export function createLedgerBook(): LedgerBook {
  const totals = new Map<string, StageTotals>();
  /** By place; of a row without a batch id only the offset is kept. */
  const seen = new Map<string, Set<number | string>>();

  const isFirst = ({ stage, subStage, topic, partition, firstOffset, batchId }: BatchProgressed): boolean => {
    const place = `${stage}|${subStage}|${topic}|${partition}`;
    const entries = seen.get(place) ?? new Set();
    seen.set(place, entries);
    const entry = batchId === null ? firstOffset : `${firstOffset}|${batchId}`;
    const { size } = entries;
    return entries.add(entry).size > size;
  };

  return {
    enter(row) {
      if (!isFirst(row)) return;
      const name = `${row.stage}|${row.topic}`;
      const total = totals.get(name) ?? emptyTotals(row.stage, row.topic);
      totals.set(name, total);
      for (const count of counts) total[count] += row[count];
      for (const [topic, written] of Object.entries(row.outputs)) total.outputs[topic] = (total.outputs[topic] ?? 0) + written;
    },
    totals: () => [...totals.values()],
  };
}
