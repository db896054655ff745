import type { SentRecord } from '../sim-world.ts';
import { placeText, type Letter } from './observed-logs.ts';
import type { Violation } from './violation.ts';

export interface LetterEvidence {
  readonly letters: readonly Letter[];
  readonly sent: readonly SentRecord[];
  readonly consumed: readonly SentRecord[];
  readonly requeued: ReadonlyMap<string, number>;
  /** Partitions at which the stage had to stop. */
  readonly stopped: ReadonlySet<number>;
  readonly isRefused: (record: SentRecord) => boolean;
}

/** Every refused record has one letter, one more each time it was put back, with its exact bytes; nothing else has. */
export function checkLetters({ letters, sent, consumed, requeued, stopped, isRefused }: LetterEvidence): readonly Violation[] {
  const violations: Violation[] = [];
  const known = new Map(sent.map((record) => [placeText(record.topic, record.partition, record.offset), record]));
  const attempts = new Map<string, number>();
  for (const letter of letters) {
    const { origin, attempt } = letter;
    const expected = (attempts.get(origin) ?? 0) + 1;
    attempts.set(origin, expected);
    violations.push(...checkContent(letter, known.get(origin), isRefused));
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
}

/** A letter is of a record that was to be refused, with its exact bytes. */
export function checkContent(
  { origin, key, value }: Letter,
  record: SentRecord | undefined,
  isRefused: LetterEvidence['isRefused'],
): readonly Violation[] {
  if (!record || !isRefused(record)) return [{ invariant: 'I2', detail: `a letter of ${origin}` }];
  if (value?.equals(record.value) && String(key) === record.key) return [];
  return [{ invariant: 'I1', detail: `other bytes in ${origin}` }];
}
