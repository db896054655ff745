import { schemas, type WardState } from '@vigil/contracts';
import type { LyingRow, RowDecoder, StateStore, StoreChange, StoreSpec } from '@vigil/kafka';
import type { Patient } from '../domain/patient/patient.ts';
import { memoryRow as memoryPart, ownRow } from '../domain/patient/sleepers.ts';
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

/** Puts a row of a patient who has one into what is known of the patient. */
function restorePart(patient: Patient, part: number, value: WardState | null): void {
  if (part === memoryPart) return restoreMemory(patient, value?.memory ?? null);
  // Older than the patient's row: the version before this one gave the newest pane a row of its own.
  if (part === patient.paneInRow) return;
  if (value?.pane) patient.restorePane(paneOf(value.pane));
  else patient.removePane(part);
}

const partOf = (text: string): number => (text === 'm' ? memoryPart : Number(text));

/** A row is told by its key. */
function restoreRow(ward: Ward, key: string, value: WardState | null): void {
  const [token = '', part] = key.split(separator);
  if (part === undefined) {
    if (value?.clock) ward.restore(token).restoreRow(clockOf(value.clock), value.pane && paneOf(value.pane));
    else ward.forget(token);
    return;
  }
  const patient = value === null ? ward.get(token) : ward.restore(token);
  if (patient !== undefined) restorePart(patient, partOf(part), value);
}

const separatorByte = separator.charCodeAt(0);

/** Where the token of a key ends. */
function tokenEnd({ bytes, keyFrom, keyTo }: LyingRow): number {
  for (let at = keyFrom; at < keyTo; at++) if (bytes[at] === separatorByte) return at;
  return keyTo;
}

/** The rows of a million patients are many and most are not asked for at once: each is decoded when its patient is. */
function keepRow(ward: Ward, row: LyingRow): boolean {
  const { bytes, keyFrom, keyTo, from, to } = row;
  const tokenTo = tokenEnd(row);
  const part = tokenTo === keyTo ? ownRow : partOf(bytes.toString('latin1', tokenTo + 1, keyTo));
  const kept = { bytes, tokenFrom: keyFrom, tokenTo, from, to };
  if (Number.isNaN(part)) return false;
  return from < 0 ? ward.keepAway(kept, part) : ward.keep(kept, part);
}

function wardOf(decode: RowDecoder): Ward {
  return new Ward((patient, { bytes, from, to }, part) => {
    const value = decode(bytes, from, to) as WardState;
    if (part !== ownRow) restorePart(patient, part, value);
    else if (value.clock) patient.restoreRow(clockOf(value.clock), value.pane && paneOf(value.pane));
  });
}

export function openWardStore(decode?: RowDecoder): StateStore<Ward> {
  const ward = decode ? wardOf(decode) : new Ward();
  return {
    view: ward,
    restore: (key, value) => restoreRow(ward, key, value as WardState | null),
    ...(decode && { keep: (row: LyingRow) => keepRow(ward, row) }),
    changes: () => changesIn(ward),
    changeCount: () => ward.touched().length,
    // Panes are of a fixed length: the count of the patients bounds what is written of them.
    changedBytes: () => 0,
    merge: () => ward.merge(),
    rollback: () => ward.rollback(),
    clear: () => ward.clear(),
  };
}

/** Windows, alarms and clocks of the task's patients. */
export const wardStore: StoreSpec<Ward> = { schema: schemas.wardState, write: writeWardRow, open: openWardStore };
