import type { ErrorCode } from './error-catalogue.ts';

/** A topic as a handler names it: its Kafka name, with the type of its values carried along for the compiler only. */
export interface TopicRef<Value = unknown> {
  readonly name: string;
  /** Never set; it only carries the type. */
  readonly valueType?: Value;
}

/**
 * One record to be written when the batch commits.
 *
 * `lineage: 'record'` hands on the batch id and trace context of the record being handled; `'aggregate'`
 * (windows, alerts) does not, because what is made of many records belongs to no single batch.
 */
export interface Emission<Value = unknown> {
  readonly topic: TopicRef<Value>;
  readonly key: string;
  readonly value: Value;
  readonly lineage: 'record' | 'aggregate';
}

/**
 * How far a record came in a stage that has sub-stages: it passed all before `subStage` and there was `stopped` (what comes
 * after never saw it) or `passed` that one, too.
 */
export interface SubStageEnd {
  readonly subStage: string;
  readonly end: 'passed' | 'stopped';
}

/** What became of one consumed record. Every record gets exactly one of the five dispositions. */
export type Outcome =
  | { readonly disposition: 'processed'; readonly emissions: readonly Emission[]; readonly subStages?: SubStageEnd }
  | { readonly disposition: 'late'; readonly corrected: boolean; readonly emissions: readonly Emission[] }
  | { readonly disposition: 'duplicate' }
  | { readonly disposition: 'rejected'; readonly code: ErrorCode }
  | { readonly disposition: 'suppressed'; readonly reason: string };

export type Disposition = Outcome['disposition'];

export const dispositions = ['processed', 'late', 'duplicate', 'rejected', 'suppressed'] as const satisfies readonly Disposition[];

const nothing: readonly Emission[] = Object.freeze([]);

/** What becomes of most records of a stage that aggregates: one object for all of them. */
const processedQuietly: Outcome = Object.freeze({ disposition: 'processed', emissions: nothing });

export const processed = (emissions: readonly Emission[] = nothing): Outcome =>
  emissions.length === 0 ? processedQuietly : { disposition: 'processed', emissions };

/** Processed by a stage with sub-stages, which each count it as far as it came. */
export const processedUpTo = (subStages: SubStageEnd, emissions: readonly Emission[]): Outcome => ({
  disposition: 'processed',
  emissions,
  subStages,
});

/** A record that arrived after its window was final; `corrected` when a still retained window was revised by it. */
export const late = (corrected: boolean, emissions: readonly Emission[] = nothing): Outcome => ({
  disposition: 'late',
  corrected,
  emissions,
});

export const duplicate: Outcome = Object.freeze({ disposition: 'duplicate' });

/** Quarantine: the engine writes the record's exact bytes to the dead-letter topic under `code`. */
export const rejected = (code: ErrorCode): Outcome => ({ disposition: 'rejected', code });

/** Deliberately withheld (consent, policy); `reason` is a constant of the code, never data. */
export const suppressed = (reason: string): Outcome => ({ disposition: 'suppressed', reason });

/** A record derived from the one record being handled. */
export const emit = <Value>(topic: TopicRef<Value>, key: string, value: Value): Emission<Value> => ({
  topic,
  key,
  value,
  lineage: 'record',
});

/** A record made of many records: a window, an alert. */
export const emitAggregate = <Value>(topic: TopicRef<Value>, key: string, value: Value): Emission<Value> => ({
  topic,
  key,
  value,
  lineage: 'aggregate',
});
