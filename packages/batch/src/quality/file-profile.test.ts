import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { createItemMapper } from '../content/map-items.ts';
import type { FileContent } from '../content/file-feed.ts';
import type { FileItem } from '../content/read-items.ts';
import type { PositionedItem } from '../job/batch-job.ts';
import { createFileProfile, type Timeliness } from './file-profile.ts';

const key = { id: 'k', secret: Buffer.alloc(32, 1) };
const rules = { tokenKey: key, dataKey: key, random: randomBytes, source: 's', fileId: 'f', startedAtMs: Date.UTC(2024, 3, 1) };
const profileOf = (content: FileContent, { asOfMs = rules.startedAtMs, withinMs = null }: Partial<Timeliness> = {}) =>
  createFileProfile(content, { timeliness: { asOfMs, withinMs }, createMapper: () => createItemMapper(content, rules) });
const row = (line: number, day: string): PositionedItem<FileItem> => ({
  item: { kind: 'row', row: { patient_id: 'P', visit_date: day, diagnosis_code: 'I10', diagnosis_description: 'x', physician_id: 'D', department: 'ICU' } },
  line,
  position: String(line),
  place: `line ${line}`,
}); // prettier-ignore
const ragged: PositionedItem<FileItem> = { item: { kind: 'ragged', fields: ['P'], expected: 7 }, line: 4, position: '4', place: 'line 4' };
const items = [row(2, '2024-03-15'), row(3, '2024-03-16'), ragged];

async function* reading() {
  yield* items;
}
const never = () => {
  throw new Error('read twice');
};

test('a file is judged in the pass that reads it; a line that is no row lacks every column', async () => {
  const profile = profileOf('visits');
  profile.beganAt(null);
  for (const item of items) profile.map(item);
  const [whole, patient] = await profile.scores(never);

  // 5 required columns in 3 items, 10 of 15 there.
  expect(whole).toMatchObject({ records: 3, completeness: 10 / 15, uniqueness: 1, consistency: 1 });
  expect(patient).toMatchObject({ column: 'patient_id', completeness: 2 / 3 });
});

test('a job that goes on in the middle, or was done already, has its file judged as a whole', async () => {
  const whole = profileOf('visits');
  whole.beganAt(null);
  for (const item of items) whole.map(item);
  const expected = await whole.scores(never);
  const resumed = profileOf('visits');
  resumed.beganAt('3');
  resumed.map(ragged);

  expect(await resumed.scores(reading)).toEqual(expected);
  expect(await profileOf('visits').scores(reading)).toEqual(expected);
});

test.each<readonly [string, Partial<Timeliness>, number]>([
  ['a year after its visits', { asOfMs: Date.UTC(2025, 3, 1) }, 0],
  ['for the time that a backfill is for', { asOfMs: Date.UTC(2024, 2, 31) }, 1],
  ['where as much is allowed', { asOfMs: Date.UTC(2025, 3, 1), withinMs: 400 * 86_400_000 }, 1],
  ['where little is allowed', { withinMs: 16 * 86_400_000 }, 1 / 2],
])('what came late in a file %s', async (_, timeliness, timely) => {
  const profile = profileOf('visits', timeliness);
  profile.beganAt(null);
  for (const item of items.slice(0, 2)) profile.map(item);
  expect((await profile.scores(never))[0]).toMatchObject({ timeliness: timely });
});

test('of claims and patients what was rejected counts', async () => {
  const profile = profileOf('patients');
  profile.beganAt(null);
  for (const bytes of ['{"patient_id":"P"}', '{"patient_id":""}', 'no JSON'])
    profile.map({ item: { kind: 'message', bytes: Buffer.from(bytes) }, line: 1, position: '', place: '' });

  const [whole, ...columns] = await profile.scores(never);
  expect(whole).toMatchObject({ records: 3, completeness: 1, validity: 1 / 3 });
  expect(columns).toEqual([]);
});
