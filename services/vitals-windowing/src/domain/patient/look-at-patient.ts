import type { AlertRaised, WindowClosed } from '@vigil/contracts';
import { endEpisode } from '../alarms/advance-alarm.ts';
import { AlarmBoard } from '../alarms/alarm-board.ts';
import { alertRecord, type AlertOrigin } from '../alarms/alert-record.ts';
import { silentMonitor } from '../alarms/assess-technical.ts';
import type { ClinicalRules } from '../rules.ts';
import { tellWindow, untoldWindows } from '../windows/close-windows.ts';
import type { Patient } from './patient.ts';

/** What the task knows of time between batches. */
export interface Quiet {
  readonly nowMs: number;
  /** Every source partition is read to its end: silence is silence, and not a queue. */
  readonly caughtUp: boolean;
  /** Idle times count from the end of a restore at the earliest. */
  readonly restoredAtMs: number;
}

export interface LookResult {
  readonly closed: readonly WindowClosed[];
  readonly alerts: readonly AlertRaised[];
  /** The patient has been silent so long that all is to be forgotten. */
  readonly forget: boolean;
}

const nothing: LookResult = Object.freeze({ closed: [], alerts: [], forget: false });

/** No reading caused it but the passing of time: its latency, and whether it reaches people late, count from now. */
export const originOf = (patient: Patient, nowMs: number): AlertOrigin => ({
  patientToken: patient.token,
  receivedAt: nowMs,
  hospital: patient.clock.hospital,
  ward: patient.clock.ward,
  room: patient.clock.room,
});

/** Closes windows whose end is past by the idle time, too. The patient's watermark stays where it is. */
function closeIdleWindows(patient: Patient, { windows }: ClinicalRules, nowMs: number): WindowClosed[] {
  if (!patient.open) return [];
  const untold = untoldWindows(patient, windows);
  const due = untold.filter((start) => nowMs >= start + windows.sizeMs + windows.idleMs);
  patient.open = due.length < untold.length;
  return due.flatMap((start) => tellWindow(patient, windows, { start, closedBy: 'idle' }));
}

/** Raises one technical alarm for a patient of whom nothing came. Buffered history that ends is no silence. */
function assessMonitor(
  patient: Patient,
  rules: ClinicalRules,
  { silentForMs, nowMs }: { silentForMs: number; nowMs: number },
): AlertRaised[] {
  const { silentMonitorMs } = rules.technical;
  if (!rules.alerts || silentMonitorMs === 0 || silentForMs < silentMonitorMs || patient.clock.historic) return [];
  const board = new AlarmBoard(patient, { observedAt: patient.clock.maxObservedAt + silentMonitorMs, historic: false }, rules.alarms);
  if (board.open('silent', -1) !== undefined) return [];
  board.meet(silentMonitor(silentForMs, rules.technical));
  return board.changes.map((change) => alertRecord(change, originOf(patient, nowMs)));
}

/** Clears what is still open of a patient who is to be forgotten, so that no page stays open for ever. */
function endAlarms(patient: Patient, nowMs: number): AlertRaised[] {
  const at = patient.clock.maxObservedAt;
  return patient.alarms.flatMap((track) => endEpisode(track, at).changes).map((change) => alertRecord(change, originOf(patient, nowMs)));
}

/** Of a patient who was silent for less there is nothing to be found. */
export const quietMs = ({ windows, technical }: ClinicalRules): number =>
  Math.min(windows.idleMs, technical.silentMonitorMs || windows.idleMs);

/** Looks at a patient between batches: idle windows, a silent monitor, state that has become old. */
export function lookAtPatient(patient: Patient, rules: ClinicalRules, { nowMs, caughtUp, restoredAtMs }: Quiet): LookResult {
  const silentForMs = nowMs - Math.max(patient.clock.processedAt, restoredAtMs);
  if (!caughtUp || silentForMs < quietMs(rules)) return nothing;
  const closed = silentForMs >= rules.windows.idleMs ? closeIdleWindows(patient, rules, nowMs) : [];
  if (nowMs - patient.clock.processedAt >= rules.windows.dropAfterMs) {
    return patient.open ? { closed, alerts: [], forget: false } : { closed, alerts: endAlarms(patient, nowMs), forget: true };
  }
  return { closed, alerts: assessMonitor(patient, rules, { silentForMs, nowMs }), forget: false };
}
