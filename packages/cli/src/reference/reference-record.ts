import type { Topic } from '@vigil/contracts';
import type { ReferenceProblem, RowPlace } from './reference-problem.ts';

/** One version of an entity, ready to be published. */
export interface ReferenceRecord {
  readonly topic: Topic;
  /** `entity|effective date|version`; of a member `policy token|member token|version`. */
  readonly key: string;
  /** What orders it among others: the partition follows from it. */
  readonly partitionKey: string;
  readonly version: number;
  /** Two versions of one entity, in force at the same time, must differ. */
  readonly entity: string;
  readonly from: number;
  /** Null = open. */
  readonly to: number | null;
  readonly value: object;
  readonly place: RowPlace;
}

export interface ReadRecords {
  readonly records: readonly ReferenceRecord[];
  readonly problems: readonly ReferenceProblem[];
}

const dayMs = 86_400_000;
export const isoDay = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10);

/** When a row is in force, as every table but that of the members tells it. */
export interface EffectiveRow {
  readonly version: number;
  readonly effective_from: number;
  readonly effective_to: number | null;
}

/** The record of a row of a broadcast table. `names` = what names the entity. */
export function effectiveRecord(topic: Topic, names: readonly string[], { version, effective_from: from, effective_to: to }: EffectiveRow) {
  const entity = names.join('|');
  const key = `${entity}|${isoDay(from)}|${version}`;
  const force = { version, effectiveFrom: from, effectiveTo: to };
  return { record: { topic, key, partitionKey: key, version, entity, from, to }, force };
}

/** What is wrong with a row that ends before it begins. */
export const spanProblems = (
  place: RowPlace,
  column: string,
  { from, to }: { readonly from: number; readonly to: number | null },
): ReferenceProblem[] => (to !== null && to < from ? [{ ...place, column, reason: 'before its beginning' }] : []);
