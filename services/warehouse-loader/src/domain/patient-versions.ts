import type { DeidPatientChanged } from '@vigil/contracts';

/** What is known of a patient; all null = nothing yet, or withdrawn. */
export interface PatientAttributes {
  readonly sex: string | null;
  readonly ageGroup: string | null;
  readonly zip3: string | null;
}

/** The record that a version came from. */
export interface VersionSource {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly loadId: number;
}

/** A row of dim_patient. `source` null: made for a reading that came before the patient's record. */
export interface PatientVersion extends PatientAttributes {
  readonly pseudonym: string;
  readonly validFromLoad: number;
  readonly source: VersionSource | null;
}

/** A version that a record gave. */
export interface KnownVersion extends PatientVersion {
  readonly source: VersionSource;
}

export interface PatientHistoryRow extends KnownVersion {
  readonly validToLoad: number;
}

/** A change of one patient; `value` null = the registry withdrew the entry. */
export interface PatientChange {
  readonly pseudonym: string;
  readonly value: DeidPatientChanged | null;
  readonly source: VersionSource;
}

export interface PatientVersions {
  /** Rows that are current after the changes, where something changed. */
  readonly current: readonly KnownVersion[];
  /** Versions that ended. */
  readonly history: readonly PatientHistoryRow[];
}

const attributesOf = (value: DeidPatientChanged | null): PatientAttributes => ({
  sex: value?.sex ?? null,
  ageGroup: value?.ageGroup ?? null,
  zip3: value?.zip3 ?? null,
});

const areEqual = (a: PatientAttributes, b: PatientAttributes): boolean => a.sex === b.sex && a.ageGroup === b.ageGroup && a.zip3 === b.zip3;

/**
 * Slowly changing dimension, type 2, in log order. A repetition changes nothing; a row made in advance for a reading is
 * filled in place, because nothing was known before.
 *
 * @param known  the current rows of the patients that change, by pseudonym
 */
export function advancePatientVersions(known: ReadonlyMap<string, PatientVersion>, changes: readonly PatientChange[]): PatientVersions {
  const changed = new Map<string, KnownVersion>();
  const history: PatientHistoryRow[] = [];
  for (const { pseudonym, value, source } of changes) {
    const before = changed.get(pseudonym) ?? known.get(pseudonym);
    const attributes = attributesOf(value);
    if (before?.source && areEqual(before, attributes)) continue;
    if (before?.source) history.push({ ...before, source: before.source, validToLoad: source.loadId });
    const validFromLoad = before && !before.source ? before.validFromLoad : source.loadId;
    changed.set(pseudonym, { pseudonym, ...attributes, validFromLoad, source });
  }
  return { current: [...changed.values()], history };
}
