import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VigilError, type NamedKey } from '@vigil/core';
import type { IdempotentProducer, ProducedRecord } from '@vigil/kafka';
import type { Pool } from 'pg';
import type { Segment } from '../../domain/segment.ts';
import { openSegment } from './sealed-segment.ts';

export interface ArchiveOptions {
  readonly pool: Pool;
  readonly directory: string;
  /** The key that sealed a segment, by its id. */
  readonly keyOf: (keyId: string) => NamedKey | undefined;
}

export interface ArchiveScope {
  readonly topic: string;
  /** Ingestion time of the first and the last record wanted, milliseconds since the epoch. */
  readonly fromTimestamp?: number;
  readonly toTimestamp?: number;
}

interface IndexRow {
  readonly segment_id: string;
  readonly path: string;
  readonly part: number;
  readonly first_offset: number;
  readonly next_offset: number;
  readonly sha256: string;
  readonly key_id: string;
}

const indexSql = `
  SELECT segment_id, path, part, first_offset, next_offset, sha256, key_id FROM engine.archive_segment
  WHERE entered_at IS NOT NULL AND topic = $1 AND last_timestamp >= $2 AND first_timestamp <= $3
  ORDER BY part, first_offset`;

/**
 * Reads what the archive holds of a topic, segment by segment, each partition in the order of its offsets.
 *
 * @throws VigilError BAD_SEGMENT where a file is missing, changed, or sealed with a key that is not there
 */
export async function* readArchive({ pool, directory, keyOf }: ArchiveOptions, scope: ArchiveScope): AsyncGenerator<Segment> {
  const { topic, fromTimestamp = 0, toTimestamp = Number.MAX_SAFE_INTEGER } = scope;
  const { rows } = await pool.query<IndexRow>(indexSql, [topic, fromTimestamp, toTimestamp]);
  for (const row of rows) {
    const key = keyOf(row.key_id);
    if (!key) throw new VigilError('BAD_SEGMENT', { detail: `Segment ${row.segment_id} was sealed with the key ${row.key_id}.` });
    const segment = await openSegment(key, { id: row.segment_id, topic }, await readSealed(directory, row));
    yield { ...segment, records: segment.records.filter(({ timestamp }) => timestamp >= fromTimestamp && timestamp <= toTimestamp) };
  }
}

async function readSealed(directory: string, { segment_id: id, path, sha256 }: IndexRow): Promise<Buffer> {
  try {
    const sealed = await readFile(join(directory, path));
    if (createHash('sha256').update(sealed).digest('hex') === sha256) return sealed;
  } catch (cause) {
    throw new VigilError('BAD_SEGMENT', { detail: `Segment ${id} cannot be read.`, cause });
  }
  throw new VigilError('BAD_SEGMENT', { detail: `Segment ${id} is not what was archived.` });
}

export interface RefillOptions extends ArchiveOptions {
  readonly scope: ArchiveScope;
  readonly producer: IdempotentProducer;
  /** Topic to write to: with at least as many partitions as the archived one had. */
  readonly into: string;
}

const recordsPerRequest = 2_000;

/**
 * Fills a topic from the archive: key, value, headers, partition and order as they were. Timestamps too, where the topic
 * takes the producer's (`CreateTime`).
 *
 * @returns how many records were written and acknowledged
 */
export async function refillTopic({ scope, producer, into, ...archive }: RefillOptions): Promise<number> {
  let written = 0;
  for await (const { partition, records } of readArchive(archive, scope)) {
    for (let at = 0; at < records.length; at += recordsPerRequest) {
      const part = records.slice(at, at + recordsPerRequest);
      await producer.send(
        part.map(({ key, value, headers, timestamp }): ProducedRecord => ({ topic: into, partition, key, value, headers, timestamp })),
      );
      written += part.length;
    }
  }
  return written;
}
