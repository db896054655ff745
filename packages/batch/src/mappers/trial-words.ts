import type { CompletionStatus } from '@vigil/contracts';

/** How trials end for a participant, by the words that databases use. */
const statusWords: ReadonlyMap<string, CompletionStatus> = new Map([
  ['completed', 'completed'],
  ['complete', 'completed'],
  ['ongoing', 'ongoing'],
  ['active', 'ongoing'],
  ['enrolled', 'ongoing'],
  ['in progress', 'ongoing'],
  ['withdrawn', 'withdrawn'],
  ['withdrew', 'withdrawn'],
  ['discontinued', 'withdrawn'],
  ['dropped out', 'withdrawn'],
  ['lost', 'lost'],
  ['lost to follow up', 'lost'],
  ['other', 'other'],
]);

const spaced = (text: string): string =>
  text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, ' ');

/** completed, ongoing, withdrawn, lost or other; undefined = not one of the known words. */
export const completionStatusOf = (text: string): CompletionStatus | undefined => statusWords.get(spaced(text));

const armWords: readonly (readonly [RegExp, string])[] = [
  [/\bplacebo\b/, 'placebo'],
  [/\bsham\b/, 'sham'],
  [/\b(standard of care|usual care|soc)\b/, 'standard'],
  [/\bcontrol\b/, 'control'],
  [/\b(observation|no treatment)\b/, 'observation'],
  [/\b(active|treatment|intervention|experimental|drug|dose)\b/, 'active'],
];
const designator = /^(?:arm|group|cohort)? ?([a-h]|[1-9])$/;

/** The class of a treatment arm: one of `armCodes`, or a single letter or digit (`arm-b`); empty where it is neither. Its text could say anything. */
export function armCodeOf(arm: string): string {
  const text = spaced(arm);
  const designated = designator.exec(text)?.[1];
  if (designated !== undefined) return `arm-${designated}`;
  return armWords.find(([pattern]) => pattern.test(text))?.[1] ?? '';
}
