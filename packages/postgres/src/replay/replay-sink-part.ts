import { VigilError } from '@vigil/core';
import type { Pool } from 'pg';
import { rewindSink } from '../rewind-sink.ts';
import { fingerprintRows } from './fingerprint-rows.ts';
import { tablesOf, type ReplayableSink } from './replayable-sinks.ts';
import type { ReplayJobs, ReplayPart } from './replay-jobs.ts';

export interface SinkReplay {
  readonly jobId: string;
  readonly sink: ReplayableSink;
  /** The owner's connection to the database of the sink: the loader itself may not delete. */
  readonly pool: Pool;
  readonly jobs: ReplayJobs;
}

const noPosition = (sink: string, { topic, partition }: ReplayPart): VigilError =>
  new VigilError('REPLAY_UNSUPPORTED', { detail: `${sink} has never read ${topic}-${partition}.` });

/**
 * Rewinds one partition. What the rows were is stored first: whoever goes on after a kill compares with that, never with
 * rows that are already half gone. Rewinding once more after a kill is harmless: it deletes and loads the same rows.
 */
export async function rewindPart({ jobId, sink, pool, jobs }: SinkReplay, part: ReplayPart): Promise<ReplayPart> {
  const tables = tablesOf(sink, part.topic);
  let { before, untilOffset } = part;
  if (before === null) {
    const found = await fingerprintRows(pool, sink.name, { ...part, tables, untilOffset: null });
    if (!found) throw noPosition(sink.name, part);
    untilOffset = Math.max(found.untilOffset, part.fromOffset);
    before = { rows: found.rows, hash: found.hash };
    await jobs.changePart(jobId, part, { before: { ...before, untilOffset } });
  }
  const { topic, partition, fromOffset } = part;
  await rewindSink({ pool, sink: sink.name, topic, partition, toOffset: fromOffset, deleteRows: sink.deleteRows(tables) });
  await jobs.changePart(jobId, part, { state: 'rewound' });
  return { ...part, before, untilOffset, state: 'rewound' };
}

export interface PartProgress {
  /** Where the running loader is now. */
  readonly position: number;
  readonly done: boolean;
}

/** Looks how far the loader has come; fingerprints the rows once it has passed the end of the range. */
export async function followPart({ jobId, sink, pool, jobs }: SinkReplay, part: ReplayPart): Promise<PartProgress> {
  const found = await fingerprintRows(pool, sink.name, { ...part, tables: tablesOf(sink, part.topic) });
  if (!found) throw noPosition(sink.name, part);
  const { rows, hash, position } = found;
  const done = position >= part.untilOffset;
  if (done) await jobs.changePart(jobId, part, { state: 'done', after: { rows, hash } });
  return { position, done };
}
