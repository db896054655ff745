import type { AlarmTrack as AlarmRow, PaneState, PatientClock as ClockRow, PatientMemory, WardState } from '@vigil/contracts';
import type { AlarmTrack } from '../domain/alarms/alarm-track.ts';
import type { AlarmKind, RuleCode, Severity } from '../domain/alarms/finding.ts';
import { neverMeasured, noGaps, type PatientClock } from '../domain/patient/patient-clock.ts';
import type { Patient } from '../domain/patient/patient.ts';
import { doublesOf } from '../domain/doubles.ts';
import { vitalCount } from '../domain/vitals.ts';
import { cellCount, cellsPerVital, LAST, LAST_AT, M2, MAX, MEAN, MIN, N, RECEIVED_AT } from '../domain/windows/pane-numbers.ts';
import { Pane } from '../domain/windows/pane.ts';

/** In a row: a vital that was never measured. */
export const never = -1;

const timesOf = ({ lastAt, maxObservedAt }: ClockRow): number[] =>
  lastAt.length === 0
    ? neverMeasured
    : doublesOf(lastAt.map((before) => (before === never ? Number.NEGATIVE_INFINITY : maxObservedAt - before)));

export const clockOf = (row: ClockRow): PatientClock => ({
  ...row,
  lastAt: timesOf(row),
  gaps: row.gaps.length === 0 ? noGaps : doublesOf(row.gaps),
});

/** Null = nothing to be remembered. */
export const memoryRow = ({ emitted, alarms }: Patient): WardState | null =>
  emitted.length === 0 && alarms.length === 0 ? null : { clock: null, memory: { emitted, alarms }, pane: null };

const trackOf = (row: AlarmRow): AlarmTrack => ({
  ...row,
  rule: row.rule as RuleCode,
  phase: row.phase as AlarmTrack['phase'],
  kind: row.kind as AlarmKind,
  severity: row.severity as Severity,
});

export function restoreMemory(patient: Patient, memory: PatientMemory | null): void {
  patient.emitted = memory?.emitted ?? [];
  patient.alarms = memory?.alarms.map(trackOf) ?? [];
}

export function paneOf({ start, ids, tallies, baseline }: PaneState): Pane {
  const cells = Array.from({ length: cellCount }, () => 0);
  const lastIds = Array.from({ length: vitalCount }, () => '');
  for (const tally of tallies) {
    const base = tally.vital * cellsPerVital - N;
    cells[base + N] = tally.n;
    cells[base + MIN] = tally.min;
    cells[base + MAX] = tally.max;
    cells[base + MEAN] = tally.mean;
    cells[base + M2] = tally.m2;
    cells[base + LAST] = tally.last;
    cells[base + LAST_AT] = start + tally.lastOffset;
    cells[base + RECEIVED_AT] = tally.receivedAt;
    lastIds[tally.vital] = ids[tally.lastId] as string;
  }
  return new Pane(start, { cells, lastIds, clean: baseline });
}
