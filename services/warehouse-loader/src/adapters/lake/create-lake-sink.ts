import { topics, type AvroSchema, type Topic } from '@vigil/contracts';
import type { SinkLimits, SinkSlice, SinkSpec } from '@vigil/kafka';
import { parquetWriteBuffer, type ColumnSource } from 'hyparquet-writer';
import type { SchemaElement } from 'hyparquet';
import type { Pool } from 'pg';
import { parquetColumnsOf, parquetSchemaOf } from '../../domain/parquet-columns.ts';
import { createFileTarget } from '../files/create-file-target.ts';
import type { ManifestTable } from '../files/file-manifest.ts';
import type { RunnableSink } from '../../runnable-sink.ts';

const datasets: readonly Topic[] = [
  topics.deidReadingAccepted,
  topics.deidWindowClosed,
  topics.deidAlertRaised,
  topics.deidPatientChanged,
  topics.deidClaimAdjudicated,
  topics.deidVisitRecorded,
  topics.deidOutcomeRecorded,
];

export const lakeSpec: SinkSpec = {
  name: 'warehouse-loader.lake',
  sources: datasets.map((topic) => ({ topic, read: 'decoded' })),
};

export const lakeManifest: ManifestTable = { table: 'engine.lake_file', idColumn: 'file_id', topicColumn: 'src_topic' };

export interface LakeSinkOptions {
  readonly pool: Pool;
  readonly directory: string;
  /** Part of every path; another dataset key makes another dataset. */
  readonly datasetVersion: string;
  /** When a file is closed. */
  readonly limits: Partial<SinkLimits>;
}

/** A Parquet file of records. It names no topic position, no time and nobody. */
function parquetFileOf(schema: AvroSchema, values: readonly object[]): Uint8Array {
  const columnData = parquetColumnsOf(schema, values as readonly Readonly<Record<string, unknown>>[]);
  return new Uint8Array(
    parquetWriteBuffer({
      schema: parquetSchemaOf(schema) as SchemaElement[],
      columnData: columnData as ColumnSource[],
      createdBy: 'vigil',
    }),
  );
}

/** A withdrawn registry entry has no value: its row holds the pseudonym and nothing else. */
const valueOf = (schema: AvroSchema, key: string | null, value: unknown): object =>
  (value as object | null) ??
  Object.fromEntries((schema['fields'] as { name: string }[]).map(({ name }) => [name, name === 'pseudonym' ? String(key) : null]));

/** De-identified records as Parquet files: dataset / version / opaque name, listed by `warehouse.lake_file`. */
export function createLakeSink({ pool, directory, datasetVersion, limits }: LakeSinkOptions): RunnableSink {
  const target = createFileTarget({
    pool,
    sink: lakeSpec.name,
    directory,
    manifest: lakeManifest,
    pathOf: ({ of }: SinkSlice, id) => `${of.name}/${datasetVersion}/${id}.parquet`,
    registeredColumns: ({ of }) => ({ topic: of.name, dataset_version: datasetVersion }),
    contentOf: ({ of: { schema }, records }) =>
      Promise.resolve({
        content: parquetFileOf(
          schema,
          records.map(({ key, value }) => valueOf(schema, key, value)),
        ),
        columns: { rows: records.length },
      }),
  });
  return { spec: { ...lakeSpec, limits }, target };
}
