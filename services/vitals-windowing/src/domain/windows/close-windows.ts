import type { WindowClosed } from '@vigil/contracts';
import type { EmittedWindow, Patient } from '../patient/patient.ts';
import { vitalCount } from '../vitals.ts';
import { noStatistics } from './pane.ts';
import { statisticsOf, windowRecord, type ClosedBy } from './window-record.ts';
import { newestFinalAt, oldestCorrectableAt, visitWindows, type WindowRules } from './window-frames.ts';

const zeros: readonly number[] = Array.from({ length: vitalCount }, () => 0);

/** Filled again for each vital: seven numbers would be as many objects to V8, six times a window. */
const statistics = noStatistics();

export const emittedAt = (patient: Patient, start: number): EmittedWindow | undefined =>
  patient.emitted.find((window) => window.start === start);

/** Remembers what was told of a window, in order of starts. */
function remember(patient: Patient, window: EmittedWindow): void {
  patient.begin();
  if ((patient.emitted.at(-1)?.start ?? Number.NEGATIVE_INFINITY) < window.start) {
    patient.emitted = [...patient.emitted, window];
    return;
  }
  const others = patient.emitted.filter(({ start }) => start !== window.start);
  patient.emitted = [...others, window].sort((a, b) => a.start - b.start);
}

/**
 * Tells every vital of the window whose readings were not told yet; the next revision of those that were told before.
 */
export function tellWindow(
  patient: Patient,
  rules: WindowRules,
  { start, closedBy }: { start: number; closedBy: ClosedBy },
): WindowClosed[] {
  const known = emittedAt(patient, start);
  const revisions = (known?.revisions ?? zeros).slice();
  const counts = (known?.counts ?? zeros).slice();
  const records: WindowClosed[] = [];
  for (let vital = 0; vital < vitalCount; vital++) {
    statisticsOf(patient, { start, sizeMs: rules.sizeMs, vital }, statistics);
    if (statistics.n === counts[vital]) continue;
    records.push(windowRecord(patient, rules, { start, vital, revision: revisions[vital] as number, closedBy, statistics }));
    revisions[vital] = (revisions[vital] as number) + 1;
    counts[vital] = statistics.n;
  }
  if (records.length > 0) remember(patient, { start, revisions, counts });
  return records;
}

/** Whether the window holds readings that were not told yet. */
function isUntold(patient: Patient, rules: WindowRules, start: number): boolean {
  const counts = emittedAt(patient, start)?.counts ?? zeros;
  for (let vital = 0; vital < vitalCount; vital++) {
    if (statisticsOf(patient, { start, sizeMs: rules.sizeMs, vital }, statistics).n !== counts[vital]) return true;
  }
  return false;
}

/** Starts of the patient's windows that hold readings nobody was told of, oldest first. */
export function untoldWindows(patient: Patient, rules: WindowRules): number[] {
  const starts: number[] = [];
  const visit = (start: number): void => void (isUntold(patient, rules, start) && starts.push(start));
  const after = newestFinalAt(patient.clock.maxObservedAt - rules.boundMs, rules);
  visitWindows(patient.panes, rules, { after, upTo: Number.POSITIVE_INFINITY, visit });
  return starts;
}

/**
 * Tells the windows that became final while the patient's watermark moved from `before` to `now`, and forgets what cannot
 * be corrected any more.
 */
export function closeFinalWindows(patient: Patient, rules: WindowRules, { before, now }: { before: number; now: number }): WindowClosed[] {
  const upTo = newestFinalAt(now, rules);
  const after = newestFinalAt(before, rules);
  if (upTo === after) return [];
  let records: WindowClosed[] = [];
  const visit = (start: number): void => {
    const told = tellWindow(patient, rules, { start, closedBy: 'watermark' });
    records = records.length === 0 ? told : [...records, ...told];
  };
  visitWindows(patient.panes, rules, { after, upTo, visit });
  const oldest = oldestCorrectableAt(now, rules);
  if (patient.emitted.some(({ start }) => start < oldest)) patient.emitted = patient.emitted.filter(({ start }) => start >= oldest);
  return records;
}
