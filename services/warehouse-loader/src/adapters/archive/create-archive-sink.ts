import { topics } from '@vigil/contracts';
import type { NamedKey } from '@vigil/core';
import type { SinkLimits, SinkSpec } from '@vigil/kafka';
import type { Pool } from 'pg';
import { createFileTarget } from '../files/create-file-target.ts';
import type { ManifestTable } from '../files/file-manifest.ts';
import type { RunnableSink } from '../../runnable-sink.ts';
import { sealSegment } from './sealed-segment.ts';

/** The sources of record: what devices, hospitals and submitters of claims sent, and what batch jobs read, from which everything else can be made again. */
export const archiveSpec: SinkSpec = {
  name: 'warehouse-loader.archive',
  sources: [
    { topic: topics.vitalsReadingReceived, read: 'raw' },
    { topic: topics.patientsRecordReceived, read: 'raw' },
    { topic: topics.claimReceived, read: 'raw' },
    { topic: topics.interchangeRejected, read: 'raw' },
    { topic: topics.visitRecorded, read: 'raw' },
    { topic: topics.outcomeRecorded, read: 'raw' },
    { topic: topics.itemRejected, read: 'raw' },
  ],
};

export const archiveManifest: ManifestTable = { table: 'engine.archive_segment', idColumn: 'segment_id', topicColumn: 'topic' };

export interface ArchiveSinkOptions {
  readonly pool: Pool;
  readonly directory: string;
  readonly key: NamedKey;
  readonly limits: Partial<SinkLimits>;
}

/** Exact bytes of the sources of record as sealed segments, indexed by offset and time only. */
export function createArchiveSink({ pool, directory, key, limits }: ArchiveSinkOptions): RunnableSink {
  const target = createFileTarget({
    pool,
    sink: archiveSpec.name,
    directory,
    manifest: archiveManifest,
    pathOf: ({ topic, partition }, id) => `${topic}/${partition}/${id}.segment`,
    registeredColumns: () => ({ key_id: key.id }),
    async contentOf({ topic, partition, records }, { id }) {
      const raw = records.map((record) => record.raw);
      const timestamps = raw.map(({ timestamp }) => timestamp);
      return {
        content: await sealSegment(key, { id, topic }, partition, raw),
        columns: {
          records: records.length,
          first_timestamp: timestamps.reduce((least, timestamp) => Math.min(least, timestamp), Number.MAX_SAFE_INTEGER),
          last_timestamp: timestamps.reduce((greatest, timestamp) => Math.max(greatest, timestamp), 0),
        },
      };
    },
  });
  return { spec: { ...archiveSpec, limits }, target };
}
