import type { AvroSchema, Topic } from '@vigil/contracts';

/** A schema of long fields. */
export const longs = (name: string, ...fields: string[]): AvroSchema => ({
  type: 'record',
  name,
  fields: fields.map((field) => ({ name: field, type: 'long' })),
});

export const aTopic = <Value>(name: string, schema: AvroSchema, over: Partial<Topic<Value>> = {}): Topic<Value> => ({
  name,
  key: 'k',
  schema,
  format: 'avro',
  partitions: 'chain',
  retentionMs: 1,
  cleanup: 'delete',
  timestamps: 'create',
  maxMessageBytes: 1_000_000,
  phi: false,
  writers: [],
  readers: [],
  tableReaders: [],
  ...over,
});

export interface Reading {
  readonly id: number;
}

export interface Count {
  count: number;
}

export const readingSchema = longs('Reading', 'id');
export const countSchema = longs('Count', 'count');
export const readings = aTopic<Reading>('readings', readingSchema);
export const passed = aTopic<Reading>('passed', readingSchema);
