import type { AlertRaised, WindowClosed } from '@vigil/contracts';
import { alertRecord } from '../alarms/alert-record.ts';
import { originOf } from '../patient/look-at-patient.ts';
import type { Patient } from '../patient/patient.ts';
import type { Ward } from '../patient/ward.ts';
import { vitalCount } from '../vitals.ts';
import { noStatistics } from '../windows/pane.ts';
import type { WindowRules } from '../windows/window-frames.ts';
import { adoptAlarms } from './adopt-alarms.ts';
import { adoptWindows } from './adopt-windows.ts';

export interface CutoverMoment {
  readonly nowMs: number;
  /** Whether an episode that only the run has open may page at once. */
  readonly pages: boolean;
  /** Size of the windows that were told live; null = none were. */
  readonly toldSizeMs: number | null;
  /** Event time from which on the run saw everything that the live stage saw; −∞ = it saw all there ever was. */
  readonly wholeFromMs: number;
}

export interface AdoptedWard {
  readonly windows: readonly WindowClosed[];
  readonly alerts: readonly AlertRaised[];
  /** Patients of whom the live stage still keeps readings that the run never saw: without them nothing may be adopted. */
  readonly unsettled: number;
}

/** How many measurements the patient's panes of before `untilMs` hold. */
function countBefore({ panes }: Patient, untilMs: number): number {
  const old = panes.filter(({ start }) => start < untilMs);
  let count = 0;
  for (let vital = 0; vital < vitalCount; vital++) {
    const total = noStatistics();
    for (const pane of old) pane.mergeInto(vital, total);
    count += total.n;
  }
  return count;
}

const ceilTo = (time: number, { sizeMs }: WindowRules): number => Math.ceil(time / sizeMs) * sizeMs;

/**
 * Turns the state of a run into the state that the live stage goes on with, after both handled the same readings: alarms
 * and windows as `adoptAlarms` and `adoptWindows` say. A patient whom the live stage has forgotten is forgotten; one whom
 * only the live stage knows stays as the live stage has it.
 *
 * @param run  changed, as in a batch
 */
export function adoptWard(live: Ward, run: Ward, rules: WindowRules, moment: CutoverMoment): AdoptedWard {
  const windows: WindowClosed[] = [];
  const alerts: AlertRaised[] = [];
  const wholeFromMs = ceilTo(moment.wholeFromMs, rules);
  const isSameSize = moment.toldSizeMs === null || moment.toldSizeMs === rules.sizeMs;
  let unsettled = 0;
  for (const patient of run.all()) {
    const known = live.get(patient.token);
    if (known === undefined) {
      run.drop(patient);
      continue;
    }
    if (countBefore(known, wholeFromMs) > countBefore(patient, wholeFromMs)) unsettled++;
    // The live stage handled its newest reading when it came, and silence counts from there.
    patient.editClock().processedAt = known.clock.processedAt;
    const { emitted, told } = adoptWindows({ live: known, run: patient, rules, isSameSize, wholeFromMs });
    const { tracks, changes } = adoptAlarms(known.alarms, patient.alarms, { atMs: patient.clock.maxObservedAt, pages: moment.pages });
    patient.emitted = emitted;
    patient.alarms = tracks;
    windows.push(...told);
    alerts.push(...changes.map((change) => alertRecord(change, originOf(patient, moment.nowMs))));
  }
  return { windows, alerts, unsettled };
}
