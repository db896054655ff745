import { deidTopicOf, topics } from '@vigil/contracts';
import { ownImbalance, type Ledger, type LedgerStage, type StageTotals } from '@vigil/contracts';

/** Which part of the account is asked for; everything absent = all of it. */
export interface LedgerScope {
  readonly topic?: string;
  readonly batchId?: string;
  readonly sinceMs?: number;
}

/** Windows and alerts are made of many batches: what is written there carries no batch id. */
const madeOfManyBatches: ReadonlySet<string> = new Set(
  Object.values(topics)
    .filter(({ writers }) => writers.includes('vitals-windowing'))
    .flatMap(({ name }) => [name, deidTopicOf(name)]),
);

const sum = (stages: readonly LedgerStage[]): Ledger => {
  const unaccounted = stages.reduce((total, stage) => total + stage.unaccounted, 0);
  return { balanced: unaccounted === 0, unaccounted, stages };
};

/** The stages that read a topic. */
export const ofTopic = ({ stages }: Ledger, topic: string): Ledger => sum(stages.filter((stage) => stage.topic === topic));

/**
 * Since a time only the rows themselves can be held against each other: what was in flight then was written before and
 * consumed after.
 */
export const sinceTime = (totals: readonly StageTotals[]): Ledger =>
  sum(totals.map((stage) => ({ ...stage, unaccounted: ownImbalance(stage) })));

/** One batch is a whole: what a stage wrote of it, each reader consumed, as far as its records keep its id. */
export function ofBatch(totals: readonly StageTotals[]): Ledger {
  const written = new Map<string, number>();
  for (const { outputs } of totals)
    for (const [topic, count] of Object.entries(outputs)) written.set(topic, (written.get(topic) ?? 0) + count);
  return sum(
    totals.map((stage) => {
      const wrote = madeOfManyBatches.has(stage.topic) ? undefined : written.get(stage.topic);
      return { ...stage, unaccounted: ownImbalance(stage) + (wrote === undefined ? 0 : Math.abs(wrote - stage.consumed)) };
    }),
  );
}
