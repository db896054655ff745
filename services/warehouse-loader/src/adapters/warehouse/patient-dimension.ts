import type { RewoundPartition, Transaction } from '@vigil/postgres';
import {
  advancePatientVersions,
  type PatientChange,
  type KnownVersion,
  type PatientHistoryRow,
  type PatientVersion,
} from '../../domain/patient-versions.ts';

interface PatientRow {
  readonly pseudonym: string;
  readonly sex: string | null;
  readonly age_group: string | null;
  readonly zip3: string | null;
  readonly valid_from_load: number;
  readonly src_topic: string | null;
  readonly src_partition: number;
  readonly src_offset: number;
}

const versionOf = (row: PatientRow): PatientVersion => ({
  pseudonym: row.pseudonym,
  sex: row.sex,
  ageGroup: row.age_group,
  zip3: row.zip3,
  validFromLoad: row.valid_from_load,
  source:
    row.src_topic === null
      ? null
      : { topic: row.src_topic, partition: row.src_partition, offset: row.src_offset, loadId: row.valid_from_load },
});

const readSql = `
  SELECT pseudonym, sex, age_group, zip3, valid_from_load, src_topic, src_partition, src_offset
  FROM warehouse.dim_patient WHERE is_current AND pseudonym = ANY ($1::text[])`;

const columns = 'pseudonym, sex, age_group, zip3, valid_from_load, valid_to_load, is_current, src_topic, src_partition, src_offset';
const rowsSql =
  'unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::boolean[], $8::text[], $9::int[], $10::bigint[])';
const insertHistorySql = `INSERT INTO warehouse.dim_patient (${columns}) SELECT * FROM ${rowsSql}`;
const writeCurrentSql = `${insertHistorySql}
  ON CONFLICT (pseudonym) WHERE is_current DO UPDATE SET
    sex = EXCLUDED.sex, age_group = EXCLUDED.age_group, zip3 = EXCLUDED.zip3, valid_from_load = EXCLUDED.valid_from_load,
    src_topic = EXCLUDED.src_topic, src_partition = EXCLUDED.src_partition, src_offset = EXCLUDED.src_offset`;

const parametersOf = (versions: readonly (KnownVersion | PatientHistoryRow)[], isCurrent: boolean): unknown[] => [
  versions.map(({ pseudonym }) => pseudonym),
  versions.map(({ sex }) => sex),
  versions.map(({ ageGroup }) => ageGroup),
  versions.map(({ zip3 }) => zip3),
  versions.map(({ validFromLoad }) => validFromLoad),
  versions.map((version) => ('validToLoad' in version ? version.validToLoad : null)),
  versions.map(() => isCurrent),
  versions.map(({ source }) => source.topic),
  versions.map(({ source }) => source.partition),
  versions.map(({ source }) => source.offset),
];

/**
 * Brings dim_patient up to date. The current row of a patient keeps its key for ever, since facts refer to it; a version
 * that ends moves to a row of its own. So loading again after a rewind gives the same facts.
 *
 * @returns the number of rows written
 */
export async function writePatientChanges(transaction: Transaction, changes: readonly PatientChange[]): Promise<number> {
  if (changes.length === 0) return 0;
  const pseudonyms = [...new Set(changes.map(({ pseudonym }) => pseudonym))];
  const { rows } = await transaction.query<PatientRow>(readSql, [pseudonyms]);
  const known = new Map(rows.map((row) => [row.pseudonym, versionOf(row)]));
  const { current, history } = advancePatientVersions(known, changes);
  if (history.length > 0) await transaction.query(insertHistorySql, parametersOf(history, false));
  if (current.length > 0) await transaction.query(writeCurrentSql, parametersOf(current, true));
  return history.length + current.length;
}

/** Versions that a rewind takes back, with what stood before them: the newest version that stays, or nothing known. */
const takeBackSql = `
  WITH gone AS (
    DELETE FROM warehouse.dim_patient WHERE NOT is_current AND src_topic = $1 AND src_partition = $2 AND src_offset >= $3),
  restored AS (
    SELECT c.patient_key, h.patient_key AS from_key, h.sex, h.age_group, h.zip3, h.valid_from_load, h.src_topic, h.src_partition, h.src_offset
    FROM warehouse.dim_patient c LEFT JOIN LATERAL (
      SELECT * FROM warehouse.dim_patient v
      WHERE v.pseudonym = c.pseudonym AND NOT v.is_current AND NOT (v.src_topic = $1 AND v.src_partition = $2 AND v.src_offset >= $3)
      ORDER BY v.valid_from_load DESC, v.src_offset DESC LIMIT 1) h ON true
    WHERE c.is_current AND c.src_topic = $1 AND c.src_partition = $2 AND c.src_offset >= $3),
  spent AS (DELETE FROM warehouse.dim_patient v USING restored r WHERE v.patient_key = r.from_key)
  UPDATE warehouse.dim_patient c
  SET sex = r.sex, age_group = r.age_group, zip3 = r.zip3, valid_from_load = COALESCE(r.valid_from_load, c.valid_from_load),
      src_topic = r.src_topic, src_partition = r.src_partition, src_offset = r.src_offset
  FROM restored r WHERE c.patient_key = r.patient_key`;

/** Takes the patient dimension back to before an offset; keys stay. Returns the number of current rows that changed. */
export async function rewindPatients(transaction: Transaction, { topic, partition, toOffset }: RewoundPartition): Promise<number> {
  return (await transaction.query(takeBackSql, [topic, partition, toOffset])).rowCount as number;
}
