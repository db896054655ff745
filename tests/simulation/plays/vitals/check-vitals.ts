import { isDeepStrictEqual } from 'node:util';
import type { AlertRaised, ReadingAccepted, WindowClosed } from '@vigil/contracts';
import { differencesOf, lastRevisions, recomputeWindows } from '../../../../services/vitals-windowing/test-support/recompute-windows.ts';
import type { Output } from '../../checks/observed-logs.ts';
import { countBy, type Violation } from '../../checks/violation.ts';
import type { VitalsEvidence } from './observe-vitals.ts';

type Check = (evidence: VitalsEvidence) => readonly Violation[];

const valuesOf = <Value>(outputs: readonly Output<Value>[]): Value[] => outputs.map(({ value }) => value);

const byPatient = <Value extends { readonly patientToken: string }>(values: readonly Value[]): Map<string, Value[]> =>
  Map.groupBy(values, ({ patientToken }) => patientToken);

/** The first place where two lists of one patient part. */
function firstDifference<Value>(found: readonly Value[], wanted: readonly Value[]): number | null {
  const length = Math.max(found.length, wanted.length);
  for (let at = 0; at < length; at++) if (!isDeepStrictEqual(found[at], wanted[at])) return at;
  return null;
}

/** A window that a late reading touches is too late for some of its windows and in time for others, when they overlap. */
function isUncertain({ shape, straight }: VitalsEvidence): (key: string) => boolean {
  if (!shape.isHopping) return () => false;
  const late = straight.readings.filter((_, index) => straight.isLate[index]);
  const touched = recomputeWindows(late, shape.rules.windows);
  return (key) => touched.has(key);
}

/** Every window's last result is what a batch job would compute of the readings that were not too late for it. */
export const checkWindows: Check = (evidence) => {
  const { windows, shape, straight } = evidence;
  const counted = straight.readings.filter((_, index) => !straight.isTooLate[index]);
  const skip = isUncertain(evidence);
  return differencesOf(lastRevisions(valuesOf(windows)), recomputeWindows(counted, shape.rules.windows))
    .filter((key) => !skip(key))
    .map((key) => ({ invariant: 'I5', detail: `${key}: not what a recomputation gives` }));
};

/** Revisions of a window are told in order, each once. */
export const checkRevisions: Check = ({ windows }) => {
  const next = new Map<string, number>();
  return valuesOf(windows).flatMap(({ windowId, patientToken, vital, windowStart, revision }: WindowClosed): Violation[] => {
    const wanted = next.get(windowId) ?? 0;
    next.set(windowId, wanted + 1);
    if (revision === wanted) return [];
    return [{ invariant: 'I5', detail: `${patientToken} ${vital} ${windowStart}: revision ${revision}, not ${wanted}` }];
  });
};

/** What came after its window was final stands on the late topic: once, in the order of the log, and nothing else does. */
export const checkLate: Check = ({ late, straight }) => {
  const wanted = byPatient(straight.readings.filter((_, index) => straight.isLate[index]));
  const found = byPatient(valuesOf(late));
  return [...new Set([...wanted.keys(), ...found.keys()])].flatMap((patient): Violation[] => {
    const ids = (readings: readonly ReadingAccepted[] = []): readonly string[] => readings.map(({ eventId }) => eventId);
    const at = firstDifference(ids(found.get(patient)), ids(wanted.get(patient)));
    return at === null ? [] : [{ invariant: 'I5', detail: `${patient}: the late readings are others from number ${at} on` }];
  });
};

const ageUnknown = 'AGE_UNKNOWN';
/** Raised and cleared by the passing of time, not by a reading: when that is nobody can say beforehand. */
const isSilentMonitor = ({ rule, vital }: AlertRaised): boolean => rule === 'silent' && vital === null;
/** Which of a reading and the registry's word was handled first is not decided by the log. */
const withoutAge = (alert: AlertRaised): AlertRaised => ({ ...alert, flags: alert.flags.filter((flag) => flag !== ageUnknown) });

/** Each episode is raised once and cleared at most once, in this order. */
export const checkEpisodes: Check = ({ alerts }) => {
  const told = countBy(valuesOf(alerts), ({ alertId, change }) => `${alertId} ${change}`);
  const doubled = [...told].filter(([, count]) => count > 1);
  const open = new Set<string>();
  const early = valuesOf(alerts).filter(({ alertId, change }) => change === 'raised' ? (open.add(alertId), false) : !open.has(alertId)); // prettier-ignore
  return [
    ...doubled.map(([name, count]): Violation => ({ invariant: 'I3', detail: `${count} times ${name}` })),
    ...early.map(({ alertId }): Violation => ({ invariant: 'I3', detail: `${alertId} was cleared and not raised` })),
  ];
};

/** What readings raise and clear is what the same readings raise and clear when nobody dies: all of it, in order. */
export const checkAlerts: Check = ({ alerts, straight }) => {
  const compared = (all: readonly AlertRaised[]) => byPatient(all.filter((alert) => !isSilentMonitor(alert)).map(withoutAge));
  const [found, wanted] = [compared(valuesOf(alerts)), compared(straight.alerts)];
  return [...new Set([...found.keys(), ...wanted.keys()])].flatMap((patient): Violation[] => {
    const [ours, theirs] = [found.get(patient) ?? [], wanted.get(patient) ?? []];
    const at = firstDifference(ours, theirs);
    if (at === null) return [];
    const text = (alert: AlertRaised | undefined): string =>
      alert ? `${alert.change} ${alert.rule} ${alert.vital} at ${alert.raisedAt}` : 'nothing';
    return [{ invariant: 'I3', detail: `${patient}: alert ${at} is ${text(ours[at])}, must be ${text(theirs[at])}` }];
  });
};

/** Once the registry's word was handled, the age is never unknown again. */
export const checkAges: Check = ({ alerts }) => {
  const known = new Set<string>();
  return valuesOf(alerts).flatMap(({ patientToken, rule, change, flags }): Violation[] => {
    if (rule !== 'news2' || change !== 'raised') return [];
    if (!flags.includes(ageUnknown)) known.add(patientToken);
    else if (known.has(patientToken)) return [{ invariant: 'I5', detail: `${patientToken}: the age was known and is no more` }];
    return [];
  });
};
