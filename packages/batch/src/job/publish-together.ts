import { VigilError } from '@vigil/core';
import type { AppendedBatch, ProducedRecord, TransactionalProducer } from '@vigil/kafka';

/** How long the broker waits for the end of a transaction. */
export const transactionTimeoutMs = 30_000;

/** What a job puts into a transaction: records, and its checkpoint, which tells where they stand. */
export interface Publication {
  readonly records: readonly ProducedRecord[];
  /** Of keys, values and what goes with them. */
  readonly bytes: number;
  /**
   * @param appended  where its records stand, each partition's in their order
   * @throws VigilError TIMED_OUT where the broker did not tell
   */
  readonly checkpoint: (appended: readonly AppendedBatch[]) => ProducedRecord;
}

/** Resolves when it is committed. */
export type Publish = (publication: Publication) => Promise<void>;

const placeOf = ({ topic, partition }: Pick<ProducedRecord, 'topic' | 'partition'>): string => `${topic}/${partition}`;

/** Deals out what the broker told of the records of all to those whose records they are: of a partition they follow each other. */
function dealOut(publications: readonly Publication[], appended: readonly AppendedBatch[]): readonly (readonly AppendedBatch[])[] {
  const left = Map.groupBy(
    appended.map((batch) => ({ ...batch })),
    placeOf,
  );
  const takeFrom = (place: string, wanted: number): AppendedBatch[] => {
    const taken: AppendedBatch[] = [];
    const batches = left.get(place) ?? [];
    for (let missing = wanted; missing > 0;) {
      const [batch] = batches;
      if (!batch) throw new VigilError('TIMED_OUT', { detail: 'The broker does not tell where records stand.' });
      const count = Math.min(missing, batch.count);
      taken.push({ ...batch, count });
      missing -= count;
      if (count === batch.count) batches.shift();
      else
        batches[0] = { ...batch, count: batch.count - count, firstOffset: batch.firstOffset === null ? null : batch.firstOffset + count };
    }
    return taken;
  };
  return publications.map(({ records }) => {
    const counts = new Map<string, number>();
    for (const record of records) counts.set(placeOf(record), (counts.get(placeOf(record)) ?? 0) + 1);
    return [...counts].flatMap(([place, count]) => takeFrom(place, count));
  });
}

/**
 * One transaction: the records of all, then a checkpoint for each.
 *
 * @throws of the broker; whether it is committed is then unknown, and the producer is of no more use
 */
export async function publishTogether(producer: TransactionalProducer, publications: readonly Publication[]): Promise<void> {
  const records = publications.flatMap((publication) => publication.records);
  await producer.begin();
  const appended = records.length === 0 ? [] : await producer.send(records);
  const dealt = dealOut(publications, appended);
  await producer.send(publications.map(({ checkpoint }, at) => checkpoint(dealt[at] ?? [])));
  await producer.commit();
}
