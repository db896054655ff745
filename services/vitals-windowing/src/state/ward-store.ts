import { schemas, type WardState } from '@vigil/contracts';
import type { StateStore, StoreChange, StoreSpec } from '@vigil/kafka';
import type { Patient } from '../domain/patient/patient.ts';
import { Ward } from '../domain/patient/ward.ts';
import { clockOf, memoryRow, paneOf, restoreMemory } from './ward-rows.ts';
import { writeWardRow } from './write-ward-row.ts';

// One row per slice, so that a commit writes what changed and not the whole patient; clock and newest pane share one,
// because nearly every reading changes both. A token never holds the separator.
const separator = '|';
const memoryKey = (token: string): string => `${token}${separator}m`;
const paneKey = (token: string, start: number): string => `${token}${separator}${start}`;

const paneChange = (patient: Patient, start: number): StoreChange => ({
  key: paneKey(patient.token, start),
  value: patient.paneAt(start) ?? null,
});

/** The patient of a row. */
export const tokenOfRow = (key: string): string => key.split(separator)[0] as string;

function addChanges(patient: Patient, changes: StoreChange[]): void {
  const { token } = patient;
  const { paneInRow } = patient;
  const { clock, memory, paneStarts } = patient.changes();
  const newest = patient.panes.at(-1)?.start ?? null;
  const hasNewNewest = paneInRow !== newest;
  if (clock || hasNewNewest || (newest !== null && paneStarts.includes(newest))) changes.push({ key: token, value: patient });
  if (memory) changes.push({ key: memoryKey(token), value: memoryRow(patient) });
  for (const start of paneStarts) if (start !== newest) changes.push(paneChange(patient, start));
  // The pane that gives way in the patient's row gets one of its own.
  if (hasNewNewest && paneInRow !== null && !paneStarts.includes(paneInRow)) changes.push(paneChange(patient, paneInRow));
}

const tombstonesOf = (patient: Patient): StoreChange[] =>
  [patient.token, memoryKey(patient.token), ...patient.committedPaneStarts().map((start) => paneKey(patient.token, start))].map((key) => ({
    key,
    value: null,
  }));

/** What the open batch changed, one entry a key. A patient that was dropped and came again in one batch is what it is last. */
function changesIn(ward: Ward): StoreChange[] {
  const changes: StoreChange[] = [];
  for (const patient of ward.touched()) if (ward.get(patient.token) === patient) addChanges(patient, changes);
  const dropped = ward.dropped().flatMap(tombstonesOf);
  if (dropped.length === 0) return changes;
  const written = new Set(changes.map(({ key }) => key));
  return [...dropped.filter(({ key }) => !written.has(key)), ...changes];
}

/** A row is told by its key. */
function restoreRow(ward: Ward, key: string, value: WardState | null): void {
  const [token = '', part] = key.split(separator);
  if (part === undefined) {
    if (value?.clock) ward.restore(token).restoreRow(clockOf(value.clock), value.pane && paneOf(value.pane));
    else ward.forget(token);
    return;
  }
  const patient = value === null ? ward.get(token) : ward.restore(token);
  if (patient === undefined) return;
  if (part === 'm') return restoreMemory(patient, value?.memory ?? null);
  // Older than the patient's row: the version before this one gave the newest pane a row of its own.
  if (Number(part) === patient.paneInRow) return;
  if (value?.pane) patient.restorePane(paneOf(value.pane));
  else patient.removePane(Number(part));
}

export function openWardStore(): StateStore<Ward> {
  const ward = new Ward();
  return {
    view: ward,
    restore: (key, value) => restoreRow(ward, key, value as WardState | null),
    changes: () => changesIn(ward),
    merge: () => ward.merge(),
    rollback: () => ward.rollback(),
    clear: () => ward.clear(),
  };
}

/** Windows, alarms and clocks of the task's patients. */
export const wardStore: StoreSpec<Ward> = { schema: schemas.wardState, write: writeWardRow, open: openWardStore };
