import { fingerprintRows, replayableSink, tablesOf, type ReplayJob } from '@vigil/postgres';
import type { ReplayTools } from './with-replay.ts';

export interface PartDifference {
  readonly topic: string;
  readonly partition: number;
  readonly fromOffset: number;
  readonly untilOffset: number;
  readonly rowsBefore: number | null;
  readonly rowsNow: number;
  /** Null = not rewound yet: there is nothing to compare with. */
  readonly equal: boolean | null;
}

export interface SinkDifference {
  readonly jobId: string;
  readonly kind: 'sink';
  readonly equal: boolean;
  readonly parts: readonly PartDifference[];
}

/** Compares the rows of now with those before the rewind, without their order and without the columns that name the load. */
export async function diffSink({ poolOf }: ReplayTools, job: ReplayJob): Promise<SinkDifference> {
  const sink = replayableSink(job.name);
  const parts: PartDifference[] = [];
  for (const part of job.parts) {
    const { topic, partition, fromOffset, untilOffset, before } = part;
    const now = await fingerprintRows(poolOf(sink), sink.name, { ...part, tables: tablesOf(sink, topic) });
    const equal = before === null ? null : now !== null && now.rows === before.rows && now.hash === before.hash;
    parts.push({ topic, partition, fromOffset, untilOffset, rowsBefore: before?.rows ?? null, rowsNow: now?.rows ?? 0, equal });
  }
  return { jobId: job.jobId, kind: 'sink', equal: parts.every(({ equal }) => equal === true), parts };
}
