import { topics, type Topic } from '@vigil/contracts';
import { valueSubjectOf, type SchemaRegistry } from '@vigil/kafka';
import type { JobPartition, MapItem, PositionedItem, WriteRow } from '../src/index.ts';

/** A topic without a shape: what is written is the number of the line. */
export const numbersTopic = { ...topics.claimReceived, name: 'numbers', maxMessageBytes: 10_000 } as Topic;

/** Ids in the same order in every process. */
export async function registerJobSchemas(registry: SchemaRegistry): Promise<void> {
  for (const topic of [topics.jobCheckpointed, topics.itemRejected, numbersTopic])
    await registry.idOf(valueSubjectOf(topic.name), topic.schema);
}

/** The numbers 1 to `last`, line by line; a position is the number read last. */
export async function* numbersFrom(position: string | null, last: number): AsyncGenerator<PositionedItem<number>> {
  for (let item = Number(position ?? 0) + 1; item <= last; item++)
    yield { item, position: String(item), place: `line ${item}`, line: item };
}

export const jobOf = (last: number, over: Partial<JobPartition<number>> = {}): JobPartition<number> => ({
  job: 'file:numbers',
  partition: 0,
  epoch: 1,
  runId: 'run-1',
  batchId: 'batch-1',
  read: (position) => numbersFrom(position, last),
  ...over,
});

/** Every seventh is wrong, every fifth known already; the others become two records under different keys where they are even. */
export const mapNumber: MapItem<number> = ({ item }) => {
  if (item % 7 === 0)
    return { kind: 'rejected', code: 'BAD_SHAPE', field: 'number', detail: 'Divisible by 7.', bytes: Buffer.from(String(item)) };
  if (item % 5 === 0) return { kind: 'skipped' };
  const recordOf = (suffix: string) => ({ topic: numbersTopic, key: `k${item % 9}${suffix}`, value: Buffer.from(`${item}${suffix}`) });
  return { kind: 'records', records: item % 2 === 0 ? [recordOf(''), recordOf('b')] : [recordOf('')] };
};

export const numbersTarget = { table: 'numbers', columns: ['number', 'small'] };
export const createNumbersSql = 'CREATE TABLE numbers (number integer NOT NULL CHECK (number <> 4441), small smallint)';

/** Every seventh is wrong, every fifth known already; what does not fit a smallint is refused by its column. */
export const writeNumber: WriteRow<number> = ({ item }, rows) => {
  if (item % 7 === 0) return { code: 'BAD_SHAPE', field: 'number', detail: 'Divisible by 7.' };
  if (item % 5 === 0) return 'skipped';
  rows.begin();
  rows.int4(item);
  rows.int2(item % 11 === 0 ? 40_000 : item % 10);
  return 'written';
};

/** What a job of the numbers 1 to `last` publishes, sorted: worked out from the rule of `mapNumber`, in another way than it does. */
export function expectedTexts(last: number, prefix = ''): readonly string[] {
  const texts: string[] = [];
  for (let number = 1; number <= last; number++) {
    if (number % 7 === 0 || number % 5 === 0) continue;
    texts.push(`${prefix}${number}`);
    if (number % 2 === 0) texts.push(`${prefix}${number}b`);
  }
  return texts.sort();
}
