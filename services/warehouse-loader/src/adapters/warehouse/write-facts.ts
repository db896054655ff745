import {
  topics,
  type DeidAlertRaised,
  type DeidOutcomeRecorded,
  type DeidReadingAccepted,
  type DeidVisitRecorded,
  type DeidWindowClosed,
} from '@vigil/contracts';
import type { SinkSlice } from '@vigil/kafka';
import { BinaryRows, copyRows, type Transaction } from '@vigil/postgres';
import {
  alertTable,
  readingTable,
  windowTable,
  writeAlert,
  writeReading,
  writeWindow,
  type RowKeys,
  type RowSource,
} from '../../domain/fact-rows.ts';
import { outcomeTable, visitTable, writeOutcome, writeVisit } from '../../domain/record-fact-rows.ts';
import { orderByKey } from '../../domain/row-order.ts';
import type { RowTable, RowValues } from '../../domain/row-values.ts';
import { createDeviceNames } from './dimension-keys.ts';

interface FactLoad {
  readonly table: RowTable;
  readonly write: (row: RowValues, value: never, keys: RowKeys, source: RowSource) => void;
}

const { deidReadingAccepted, deidWindowClosed, deidAlertRaised, deidVisitRecorded, deidOutcomeRecorded } = topics;

const facts: Readonly<Record<string, FactLoad>> = {
  [deidReadingAccepted.name]: { table: readingTable, write: writeReading },
  [deidWindowClosed.name]: { table: windowTable, write: writeWindow },
  [deidAlertRaised.name]: { table: alertTable, write: writeAlert },
  [deidVisitRecorded.name]: { table: visitTable, write: writeVisit },
  [deidOutcomeRecorded.name]: { table: outcomeTable, write: writeOutcome },
};

/** What every fact may have; a field that its record lacks is undefined. */
type Fact = Partial<DeidReadingAccepted & DeidWindowClosed & DeidAlertRaised & DeidVisitRecorded & DeidOutcomeRecorded>;

const nameDevice = createDeviceNames();

/** A record whose pseudonym was withheld belongs to the patient without one. */
export const pseudonymOf = (value: unknown): string => (value as Fact).pseudonym ?? '';
const diagnosisOf = (value: unknown): string => (value as Fact).diagnosisCode ?? '';
const trialOf = (value: unknown): string => (value as Fact).trialKey ?? '';
const deviceOf = (value: unknown): string => nameDevice((value as Fact).deviceClass, (value as Fact).deviceModel);

/** What the facts of some slices refer to, by natural key. */
export interface NaturalKeys {
  readonly patients: ReadonlySet<string>;
  readonly devices: ReadonlySet<string>;
  /** Of visits; claims have theirs. */
  readonly diagnoses: ReadonlySet<string>;
  readonly trials: ReadonlySet<string>;
}

export function naturalKeysOf(slices: readonly SinkSlice[]): NaturalKeys {
  const patients = new Set<string>();
  const devices = new Set<string>();
  const diagnoses = new Set<string>();
  const trials = new Set<string>();
  for (const { of, records } of slices) {
    if (!facts[of.name] && of.name !== topics.deidClaimAdjudicated.name) continue;
    for (const { value } of records) patients.add(pseudonymOf(value));
    if (of.name === deidReadingAccepted.name) for (const { value } of records) devices.add(deviceOf(value));
    if (of.name === deidVisitRecorded.name) for (const { value } of records) diagnoses.add(diagnosisOf(value));
    if (of.name === deidOutcomeRecorded.name) for (const { value } of records) trials.add(trialOf(value));
  }
  return { patients, devices, diagnoses, trials };
}

/** Surrogate keys by natural key. */
export interface FactKeys {
  readonly patients: ReadonlyMap<string, number>;
  readonly devices: ReadonlyMap<string, number>;
  readonly vitals: ReadonlyMap<string, number>;
  readonly diagnoses: ReadonlyMap<string, number>;
  readonly trials: ReadonlyMap<string, number>;
}

/** Whether the records of a slice are facts. */
export const areFacts = ({ of }: SinkSlice): boolean => of.name in facts;

/** Writes the facts of a slice by COPY, patient by patient, as the tables are indexed. Returns the rows written, by table. */
export async function writeFacts(
  transaction: Transaction,
  slice: SinkSlice,
  loadId: number,
  keys: FactKeys,
): Promise<Readonly<Record<string, number>>> {
  const { table, write } = facts[slice.of.name] as FactLoad;
  const { topic, partition, records } = slice;
  const patients = Float64Array.from(records, ({ value }) => keys.patients.get(pseudonymOf(value)) as number);
  const rows = new BinaryRows(table);
  for (const place of orderByKey(patients)) {
    const { value, offset } = records[place] as (typeof records)[number];
    const rowKeys: RowKeys = {
      patient: patients[place] as number,
      device: keys.devices.get(deviceOf(value)) ?? null,
      vital: keys.vitals.get(String((value as Fact).vital)) ?? null,
      diagnosis: keys.diagnoses.get(diagnosisOf(value)) ?? null,
      trial: keys.trials.get(trialOf(value)) ?? null,
    };
    rows.begin();
    write(rows, value as never, rowKeys, { topic, partition, offset, loadId });
  }
  return { [table.table]: await copyRows(transaction, rows) };
}
