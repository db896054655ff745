import type { Check, Violation } from './check-invariants.ts';
import { placeText } from './observed.ts';
import type { SentRecord } from './simulate-seed.ts';
import { kinds } from './ward-topology.ts';

const isRefused = ({ planned: { sample } }: SentRecord): boolean =>
  sample === null || sample.kind === kinds.malformed || sample.kind === kinds.faulty;

/** Every refused record has one letter, one more each time it was put back, with its exact bytes; nothing else has. */
export const checkQuarantine: Check = ({ observed, sent, consumed, requeued, stopped }) => {
  const violations: Violation[] = [];
  const known = new Map(sent.map((record) => [placeText(record.topic, record.partition, record.offset), record]));
  const attempts = new Map<string, number>();
  for (const { origin, attempt, key, value } of observed.letters) {
    const record = known.get(origin);
    const expected = (attempts.get(origin) ?? 0) + 1;
    attempts.set(origin, expected);
    if (!record || !isRefused(record)) violations.push({ invariant: 'I2', detail: `a letter of ${origin}` });
    else if (!value?.equals(record.value) || String(key) !== record.key)
      violations.push({ invariant: 'I1', detail: `other bytes in ${origin}` });
    if (attempt !== expected) violations.push({ invariant: 'I1', detail: `${origin}: attempt ${attempt}, not ${expected}` });
  }
  for (const record of consumed.filter(isRefused)) {
    const place = placeText(record.topic, record.partition, record.offset);
    const found = attempts.get(place) ?? 0;
    const wanted = 1 + (requeued.get(place) ?? 0);
    const mayWait = stopped.has(record.partition) && found >= 1;
    if (found !== wanted && !mayWait) violations.push({ invariant: 'I1', detail: `${place}: ${found} letters, not ${wanted}` });
  }
  return violations;
};
