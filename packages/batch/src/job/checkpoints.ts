import { topics, type JobCheckpointed } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import {
  createValueDecoder,
  partitionOf,
  unresolvedIds,
  type FetchedBatch,
  type Fetcher,
  type KafkaClient,
  type SchemaRegistry,
} from '@vigil/kafka';

/** The checkpoints of all jobs into topics; one for all jobs of a process. */
export interface Checkpoints {
  /**
   * The last committed checkpoint. Call it after the producer of the partition was fenced: what a predecessor committed
   * is then decided, and is found.
   *
   * @throws VigilError TIMED_OUT where transactions of others stay open too long; dependency errors of broker and registry
   */
  find(job: string, partition: number): Promise<JobCheckpointed | null>;
  /**
   * What was last read of it; the topic is read only where it never was. For a job that no other attempt can have run since
   * then, so that its checkpoint would be there already.
   */
  recall(job: string, partition: number): Promise<JobCheckpointed | null>;
  /** Jobs that it holds a checkpoint of in memory, as keys of their records. */
  keys(): readonly string[];
  /** Lets go of checkpoints in memory: of jobs that nobody may run any more. The topic keeps them. */
  drop(keys: readonly string[]): void;
  close(): Promise<void>;
}

export interface CheckpointsOptions {
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  /** How long to wait for open transactions of others, which hide what stands behind them. */
  readonly patienceMs?: number;
}

const topic = topics.jobCheckpointed;
const pollMs = 250;
const defaultPatienceMs = 120_000;

/** Key of the record of one partition of a job. */
export const checkpointKeyOf = (job: string, partition: number): string => `${job}/${partition}`;

/**
 * Follows `batch.job.checkpointed.v1` as a table: each record is read once by a process, however many jobs ask.
 * Values are kept as bytes: some 200 a job, until they are dropped.
 */
export function openCheckpoints({ client, registry, patienceMs = defaultPatienceMs }: CheckpointsOptions): Checkpoints {
  const table = new Map<string, Buffer>();
  const positions = new Map<number, number>();
  const looked = new Set<number>();
  const decode = createValueDecoder(topic.schema, registry);
  /** Looks that have not begun yet, by partition: whoever asks meanwhile is answered by the same. */
  const planned = new Map<number, Promise<void>>();
  let working: Promise<unknown> = Promise.resolve();
  let fetcher: Fetcher | undefined;
  let partitions: number | undefined;

  const partitionCount = async (): Promise<number> => {
    const [found] = partitions === undefined ? await client.admin.describeTopics([topic.name]) : [];
    partitions ??= found?.partitions;
    if (partitions === undefined || partitions === 0) throw new VigilError('TOPIC_MISSING', { detail: topic.name });
    return partitions;
  };
  const put = ({ records }: FetchedBatch): void => {
    for (const { key, value } of records) {
      const name = key?.toString('utf8') ?? '';
      if (value === null) table.delete(name);
      // A copy: the record's bytes are a view into all that was fetched with it.
      else table.set(name, Buffer.from(value));
    }
  };
  /**
   * Reads a partition to the end that it has at a moment after the call: its high watermark, not the last stable offset,
   * since another job's open transaction may stand before what is looked for.
   */
  const look = async (partition: number): Promise<void> => {
    const place = { topic: topic.name, partition };
    const end = (await client.admin.highWatermarks(topic.name))[partition] ?? 0;
    const from = positions.get(partition) ?? (await client.admin.startOffsets(topic.name))[partition] ?? 0;
    if (from >= end) return;
    fetcher ??= await client.openFetcher();
    const untilMs = performance.now() + patienceMs;
    fetcher.assign(place, from);
    for (;;) {
      for (const batch of await fetcher.poll(pollMs)) {
        put(batch);
        positions.set(partition, batch.nextOffset);
        if (batch.nextOffset >= end) return fetcher.unassign(place);
      }
      if (performance.now() > untilMs)
        throw new VigilError('TIMED_OUT', { detail: `A transaction on ${topic.name}-${partition} stays open.` });
    }
  };
  const lookSafely = async (partition: number): Promise<void> => {
    planned.delete(partition);
    try {
      await look(partition);
      looked.add(partition);
    } catch (error) {
      const failed = fetcher;
      fetcher = undefined;
      await failed?.close().catch(() => undefined);
      throw error;
    }
  };
  const plan = (partition: number): Promise<void> => {
    const next = working.then(() => lookSafely(partition));
    working = next.catch(() => undefined);
    return next;
  };
  const placeOf = async (key: string): Promise<number> => partitionOf(Buffer.from(key, 'utf8'), await partitionCount());
  const known = async (key: string): Promise<JobCheckpointed | null> => {
    const value = table.get(key);
    if (value === undefined) return null;
    for (const id of unresolvedIds([value], registry)) await registry.schemaOf(id);
    return decode(value) as JobCheckpointed;
  };
  return {
    async find(job, partition) {
      const key = checkpointKeyOf(job, partition);
      await planned.getOrInsertComputed(await placeOf(key), plan);
      return known(key);
    },
    async recall(job, partition) {
      const key = checkpointKeyOf(job, partition);
      const at = await placeOf(key);
      if (!looked.has(at)) await planned.getOrInsertComputed(at, plan);
      return known(key);
    },
    keys: () => [...table.keys()],
    drop(keys) {
      for (const key of keys) table.delete(key);
    },
    async close() {
      await working;
      await fetcher?.close();
      fetcher = undefined;
    },
  };
}
