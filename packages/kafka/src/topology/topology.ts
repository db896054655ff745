import type { Emission, Origin, Outcome } from '@vigil/core';
import type { FlatFields, FlatValues, Topic } from '@vigil/contracts';
import type { StoreSpec } from './state-store.ts';

/** Where a record first stood, with the time Kafka took it; for a requeued record taken from its headers. */
export interface RecordOrigin extends Origin {
  /** Ingestion time, milliseconds since the epoch. */
  readonly timestamp: number;
}

/** One consumed record as a handler gets it: decoded, or, for `json-or-avro` topics, the bytes where they are not Avro. */
export interface SourceRecord<Value> {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Record timestamp of this record, which for a requeued one is the time of the requeue. */
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: Value;
  readonly origin: RecordOrigin;
}

export interface TaskContext<Stores> {
  readonly stores: Stores;
  /** The task's clock, read once per batch. */
  readonly nowMs: number;
  readonly partition: number;
}

/** Synchronous and pure over record and context: what it wants written it returns. */
export type Handler<Value, Stores> = (record: SourceRecord<Value>, context: TaskContext<Stores>) => Outcome;

/** A record of which only some fields were decoded. */
export interface ProjectedRecord<Value, Whole> extends SourceRecord<Value> {
  /** The value with all its fields, decoded at every call: for the few records that are handed on as they came. */
  whole(): Whole;
}

/** A handler of projected records. */
export type ProjectedHandler<Value, Whole, Stores> = (record: ProjectedRecord<Value, Whole>, context: TaskContext<Stores>) => Outcome;

/**
 * A record of which some fields were read where they lie, in the order of the source's `FlatFields`. The same object is
 * filled for the next record: of it only `bytes` may be kept.
 */
export interface FlatRecord extends Readonly<FlatValues> {
  readonly offset: number;
  readonly timestamp: number;
  /** What `texts` tells places in. */
  readonly bytes: Buffer;
}

/**
 * The short way of a record of which nothing is written: true = it is handled, and processed. False = nothing was changed,
 * and the record goes to the source's handler, whose result must be the same as the short way's wherever both know one.
 */
export type QuickHandler<Stores> = (record: FlatRecord, context: TaskContext<Stores>) => boolean;

export interface QuickWay<Stores> {
  readonly fields: FlatFields;
  readonly handle: QuickHandler<Stores>;
}

export interface Tick {
  readonly nowMs: number;
  /** Every source partition of the task is read to its end and none is paused. */
  readonly caughtUp: boolean;
  /** When this instance finished restoring the task: idle times count from it at the earliest. */
  readonly restoredAtMs: number;
}

/** Called about once a second, between batches. Its emissions are committed like those of a batch. */
export type TickHandler<Stores> = (tick: Tick, context: TaskContext<Stores>) => readonly Emission[];

export interface Source<Stores> {
  readonly topic: Topic;
  readonly handle: Handler<never, Stores>;
  /** The only fields that are decoded; absent = all. */
  readonly reads?: readonly string[];
  /** Tried first, for every record. */
  readonly quick?: QuickWay<Stores>;
}

/**
 * `same`: the partition number that the task reads; for topics that keep the key.
 * `key`: murmur2(key) mod partition count, as Java's producer does; for topics with another key.
 */
export type Partitioning = 'same' | 'key';

export interface Sink {
  readonly topic: Topic;
  readonly partitioning: Partitioning;
}

/**
 * What a stage makes of a table's rows: told of every row in the order of the log, `null` where the key was deleted. The same
 * row may be told again after a failed read; between two batches handlers see all of a change or nothing of it.
 */
export interface TableIndex<View, Value = unknown> {
  readonly view: View;
  put(key: string, value: Value | null): void;
}

/** A small compacted topic that every instance reads whole before it starts. */
export interface TableSpec {
  readonly topic: Topic;
  /** How its rows are held, one for all tasks of the instance; absent = a map by key. */
  readonly open?: () => TableIndex<unknown, never>;
}

/** A table whose rows are held by an index of its own. */
export const indexedTable = <Value, View>(topic: Topic<Value>, open: () => TableIndex<View, Value>) => ({ topic, open });

export const openRowMap = (): TableIndex<ReadonlyMap<string, unknown>> => {
  const rows = new Map<string, unknown>();
  return { view: rows, put: (key, value) => void (value === null ? rows.delete(key) : rows.set(key, value)) };
};

type Views<Specs extends Record<string, StoreSpec>> = {
  readonly [Name in keyof Specs]: Specs[Name] extends StoreSpec<infer View> ? View : never;
};
type TableViews<Tables extends Record<string, TableSpec>> = {
  readonly [Name in keyof Tables]: Tables[Name] extends { open: () => { readonly view: infer View } } ? View : ReadonlyMap<string, unknown>;
};

export interface Topology<Stores = unknown> {
  /** Consumer group, stage name of the ledger and prefix of transactional ids. */
  readonly name: string;
  readonly sources: readonly Source<Stores>[];
  readonly sinks: readonly Sink[];
  readonly stores: Readonly<Record<string, StoreSpec>>;
  readonly tables: Readonly<Record<string, TableSpec>>;
  /** Parts of the stage that its records pass in this order; each has its own rows in the ledger. Empty = it has none. */
  readonly subStages: readonly string[];
  readonly onTick?: TickHandler<Stores>;
}

/** Binds a topic to the handler of its records; the topic's type is the handler's. */
export const source = <Value, Stores>(topic: Topic<Value>, handle: Handler<Value, Stores>): Source<Stores> => ({
  topic,
  handle,
});

/** Like `source`, for a handler that looks at some fields only: the others are skipped in the bytes, which is faster. */
export const projectedSource = <Value, const Field extends keyof Value & string, Stores>(
  topic: Topic<Value>,
  reads: readonly Field[],
  handle: ProjectedHandler<Pick<Value, Field>, Value, Stores>,
): Source<Stores> => ({
  topic,
  // The engine's records can all be decoded whole.
  handle: handle as Handler<never, Stores> & typeof handle,
  reads,
});

/** A source with a short way for the records of which nothing is written. */
export const withQuickWay = <Stores>(slow: Source<Stores>, quick: QuickWay<Stores>): Source<Stores> => ({ ...slow, quick });

/** A `json-or-avro` topic: the handler gets the decoded Avro value, or the raw bytes where they are no Avro. */
export const rawSource = <Value, Stores>(topic: Topic<Value>, handle: Handler<Value | Buffer, Stores>): Source<Stores> => ({
  topic,
  handle,
});

export const sink = (topic: Topic, partitioning: Partitioning = 'same'): Sink => ({ topic, partitioning });

export interface TopologyDefinition<Specs extends Record<string, StoreSpec>, Tables extends Record<string, TableSpec>> {
  readonly name: string;
  readonly stores?: Specs;
  readonly tables?: Tables;
  readonly subStages?: readonly string[];
  readonly sources: readonly Source<Views<Specs> & TableViews<Tables>>[];
  readonly sinks: readonly Sink[];
  readonly onTick?: TickHandler<Views<Specs> & TableViews<Tables>>;
}

/** A stage of the stream as a value. Source topics must have equal partition counts; one task = one partition number of all of them. */
export function defineTopology<
  Specs extends Record<string, StoreSpec> = Record<never, never>,
  Tables extends Record<string, TableSpec> = Record<never, never>,
>(definition: TopologyDefinition<Specs, Tables>): Topology {
  return {
    name: definition.name,
    sources: definition.sources as readonly Source<unknown>[],
    sinks: definition.sinks,
    stores: definition.stores ?? {},
    tables: definition.tables ?? {},
    subStages: definition.subStages ?? [],
    ...(definition.onTick && { onTick: definition.onTick as TickHandler<unknown> }),
  };
}
