import { countBy, type Violation } from '../../checks/violation.ts';
import { isSound, type Check } from './observe-ward.ts';
import { sources, timing, type Accepted } from './ward-topology.ts';

/** Every sound record that was consumed comes out once, whoever died; nothing else comes out. */
const checkAccepted: Check = ({ accepted, sent, consumed }) => {
  const known = new Map(sent.filter(isSound).map((record) => [`${record.key}/${record.planned.value?.id}`, record]));
  const found = countBy(accepted, ({ key, value }) => `${key}/${value.id}`);
  const wanted = new Set(consumed.filter(isSound).map(({ key, planned }) => `${key}/${planned.value?.id}`));
  const lost = [...wanted].filter((id) => !found.has(id));
  const doubled = [...found].filter(([, count]) => count > 1);
  const phantom = accepted.filter(({ key, value }) => {
    const sample = known.get(`${key}/${value.id}`)?.planned.value;
    return !sample || sample.eventMs !== value.eventMs || sample.value !== value.retained;
  });
  return [
    ...lost.map((id): Violation => ({ invariant: 'I1', detail: `${id} was consumed and came out nowhere` })),
    ...doubled.map(([id, count]): Violation => ({ invariant: 'I1', detail: `${id} came out ${count} times` })),
    ...phantom.map(({ key, value }): Violation => ({ invariant: 'I2', detail: `${key}/${value.id} was never sent like this` })),
  ];
};

const checkAlarms: Check = ({ accepted, alarms }) => {
  const wanted = new Set(accepted.filter(({ value }) => value.retained >= value.limit).map(({ value }) => String(value.id)));
  const found = countBy(alarms, ({ value }) => String(value.id));
  return [
    ...[...wanted].filter((id) => !found.has(id)).map((id): Violation => ({ invariant: 'I3', detail: `no alarm for ${id}` })),
    ...[...found]
      .filter(([id, count]) => count > 1 || !wanted.has(id))
      .map(([id, count]): Violation => ({ invariant: 'I3', detail: `${count} alarms for ${id}` })),
  ];
};

/** What the state must have been at each record, by what was told of those before. */
interface Expected {
  count: number;
  watermark: number;
  readonly offsets: number[];
}

const isLateFor = ({ watermark }: Expected, { eventMs }: Accepted): boolean => {
  const endMs = Math.floor(eventMs / timing.windowMs) * timing.windowMs + timing.windowMs;
  return watermark >= 0 && watermark - timing.outOfOrdernessMs >= endMs + timing.graceMs;
};

/** Goes through each patient's records in the order of the log, with a state of its own. */
const checkState: Check = ({ accepted }) => {
  const patients = new Map<string, Expected>();
  const violations: Violation[] = [];
  for (const { key, value } of accepted) {
    let expected = patients.get(key);
    if (!expected) patients.set(key, (expected = { count: 0, watermark: -1, offsets: sources.map(() => -1) }));
    expected.count++;
    const at = `${key}/${value.id}`;
    if (value.count !== expected.count)
      violations.push({ invariant: 'I5', detail: `${at} is number ${value.count}, not ${expected.count}` });
    if (isLateFor(expected, value) !== (value.isLate === 1)) violations.push({ invariant: 'I5', detail: `${at}: late ${value.isLate}` });
    if (value.offset <= (expected.offsets[value.origin] ?? -1))
      violations.push({ invariant: 'I4', detail: `${at} came after a later one` });
    expected.offsets[value.origin] = value.offset;
    expected.watermark = Math.max(expected.watermark, value.eventMs);
  }
  return violations;
};

export const checkReadings: Check = (evidence) => [checkAccepted, checkAlarms, checkState].flatMap((check) => check(evidence));
