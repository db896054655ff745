import type { TopicRef } from '@vigil/core';

/** An Avro schema as it stands in `schemas/`. */
export type AvroSchema = Readonly<Record<string, unknown>>;

/** Pools of workers; each has its own topic of requests, consumer group and principal. */
export const workflowPools = ['default', 'batch', 'stream'] as const;
export type WorkflowPool = (typeof workflowPools)[number];
/** Consumer group of the workers of a pool. */
export type WorkerGroup = `orchestrator-worker.${WorkflowPool}`;

/** Consumer groups that appear in the catalogue. */
export type Group =
  | 'orchestrator'
  | WorkerGroup
  /** Principal under which a report reads the audit trail: of a worker's own rights none reaches it. It has no position. */
  | 'audit-reporter'
  | 'device-ingest'
  | 'vitals-windowing'
  | 'claims-validator-intake'
  | 'claims-validator-adjudicate'
  | 'alert-router'
  | 'deidentifier'
  | 'warehouse-loader.warehouse'
  | 'warehouse-loader.lake'
  | 'warehouse-loader.operational'
  | 'warehouse-loader.archive';

export type Party = Group | 'gateway' | 'devices' | 'hospitals' | 'submitters' | 'cli' | 'every-stage';

/**
 * `avro`: registry wire format (magic byte, schema id, body).
 * `json-or-avro`: what a device or hospital sends: JSON bytes, or the wire format, told apart by the magic byte.
 */
export type TopicFormat = 'avro' | 'json-or-avro';

export interface Topic<Value = unknown> extends TopicRef<Value> {
  readonly name: string;
  /** What the Kafka key holds: the thing whose order matters. */
  readonly key: string;
  readonly schema: AvroSchema;
  readonly format: TopicFormat;
  /** `chain`: the one partition count that all record topics share. */
  readonly partitions: 'chain' | number;
  readonly retentionMs: number;
  readonly cleanup: 'delete' | 'compact';
  /** `log-append`: the broker's clock stamps the record; ingestion time of what others send. */
  readonly timestamps: 'log-append' | 'create';
  readonly maxMessageBytes: number;
  /** Whether values hold protected health information. */
  readonly phi: boolean;
  readonly writers: readonly Party[];
  /** Groups that consume it: with a position, so with a lag, an account in the ledger and a quarantine. */
  readonly readers: readonly Group[];
  /** Groups whose instances each read it whole, as a table: nothing of it is consumed. */
  readonly tableReaders: readonly Group[];
}

export const mebibyte = 1024 * 1024;
export const days = (count: number): number => count * 86_400_000;

export type Declared<Value> = Partial<Omit<Topic<Value>, keyof TopicRef>> &
  Pick<Topic<Value>, 'key' | 'schema' | 'phi' | 'writers' | 'readers'>;

/** A topic with the catalogue's defaults: the chain's partitions, 14 days, 1 MiB. */
export const topic = <Value>(name: string, declared: Declared<Value>): Topic<Value> => ({
  name,
  format: 'avro',
  partitions: 'chain',
  retentionMs: days(14),
  cleanup: 'delete',
  timestamps: 'create',
  maxMessageBytes: mebibyte,
  tableReaders: [],
  ...declared,
});
