import { topics, type JobCheckpointed } from '@vigil/contracts';
import { VigilError, type Clock } from '@vigil/core';
import {
  createValueEncoder,
  partitionOf,
  valueSubjectOf,
  type AppendedBatch,
  type KafkaClient,
  type ProducedRecord,
  type SchemaRegistry,
} from '@vigil/kafka';
import type { JobCounts, JobOutputs, JobPartition } from './batch-job.ts';
import { trailOf, writeTrail, type TrailRange } from './checkpoint-trail.ts';
import { checkpointKeyOf } from './checkpoints.ts';
import type { Publish } from './publish-together.ts';

/** What is safe now: published, with its checkpoint. */
export interface CommittedChunk {
  readonly position: string;
  readonly counts: JobCounts;
  readonly done: boolean;
  readonly trail: readonly TrailRange[];
  /** Of its items, in order. */
  readonly memos: readonly string[];
  readonly outputs: JobOutputs;
}

/** One transaction in the making. */
export interface OpenChunk {
  readonly records: ProducedRecord[];
  /** The line behind each record; 0 = none. */
  readonly lines: number[];
  readonly memos: string[];
  bytes: number;
  memoBytes: number;
  items: number;
  /** After its last item. */
  position: string;
}

export const newChunk = (position: string): OpenChunk => ({
  records: [],
  lines: [],
  memos: [],
  bytes: 0,
  memoBytes: 0,
  position,
  items: 0,
});

export interface CommitterOptions {
  readonly partition: Omit<JobPartition<never>, 'read'>;
  /** Of the last checkpoint; null = none. */
  readonly earlier: JobOutputs | null;
  readonly client: Pick<KafkaClient, 'admin'>;
  readonly registry: SchemaRegistry;
  readonly clock: Clock;
  readonly publish: Publish;
  readonly onCommitted?: ((chunk: CommittedChunk) => Promise<void> | void) | undefined;
}

/** Publishes a chunk with its checkpoint. */
export type CommitChunk = (chunk: OpenChunk, counts: JobCounts, done: boolean) => Promise<void>;

const topic = topics.jobCheckpointed;

export async function openCommitter(options: CommitterOptions): Promise<CommitChunk> {
  const { partition: part, earlier, client, registry, clock, publish, onCommitted } = options;
  const encode = createValueEncoder(topic.schema, await registry.idOf(valueSubjectOf(topic.name), topic.schema));
  const [described] = await client.admin.describeTopics([topic.name]);
  const key = Buffer.from(checkpointKeyOf(part.job, part.partition), 'utf8');
  const at = partitionOf(key, described?.partitions ?? 1);

  const { job, partition, epoch, runId, batchId, task = '' } = part;
  const written = new Map(earlier?.batchId === batchId && earlier.task === task ? Object.entries(earlier.records) : []);
  type Checkpoint = Pick<JobCheckpointed, 'position' | 'trail' | 'memos' | 'done' | 'outputs'> & JobCounts;
  const checkpointOf = (value: Checkpoint): ProducedRecord => {
    const bytes = encode({ job, partition, epoch, runId, batchId, task, ...value, committedAt: clock.now() });
    return { topic: topic.name, partition: at, key, value: bytes, headers: [], timestamp: null };
  };
  return async ({ records, lines, memos, position, bytes }, counts, done) => {
    const committed: { chunk: CommittedChunk | null } = { chunk: null };
    const checkpoint = (appended: readonly AppendedBatch[]): ProducedRecord => {
      const sent = records.map(({ topic: name, partition }, index) => ({ topic: name, partition, line: lines[index] ?? 0 }));
      const trail = trailOf(sent, appended);
      // A transaction whose places are unknown is given up: the next attempt writes it anew, and knows.
      if (trail === null) throw new VigilError('TIMED_OUT', { detail: 'The broker does not tell where records stand.' });
      for (const { topic: name } of records) written.set(name, (written.get(name) ?? 0) + 1);
      const outputs: JobOutputs = { batchId, task, records: Object.fromEntries(written) };
      committed.chunk = { position, counts, done, trail, memos, outputs };
      const texts = { trail: writeTrail(trail), memos: memos.join('\n'), outputs: JSON.stringify(outputs.records) };
      return checkpointOf({ position, ...counts, ...texts, done });
    };
    await publish({ records, bytes, checkpoint });
    if (committed.chunk) await onCommitted?.(committed.chunk);
  };
}
