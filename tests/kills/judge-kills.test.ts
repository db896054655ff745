import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { judgeKills, type PlayedPlace } from './judge-kills.ts';
import { places, reportPlace, type Place } from './places.ts';
import { anchors } from './strike/anchors.ts';

const place: Place = { id: 'here', victim: 'worker', play: 'files' };
const played: PlayedPlace = { ...place, isStruck: true, deaths: [{ victim: 'worker', how: 'SIGKILL' }], problems: [], seconds: 1 };
const good = { places: [place], played: [played], reached: new Set(['here']) };

test('every place struck and every run right is good', () => {
  expect(judgeKills(good)).toEqual({ unreached: [], unlisted: [], wrong: [], isGood: true });
});

test.each([
  ['nobody played it', []],
  ['nobody died there', [{ ...played, isStruck: false }]],
  ['nobody died', [{ ...played, deaths: [] }]],
  ['another one died', [{ ...played, deaths: [{ victim: 'orchestrator', how: 'SIGKILL' }] }]],
])('a place that was never reached is told: %s', (_why, all) => {
  expect(judgeKills({ ...good, played: all })).toMatchObject({ unreached: ['here'], isGood: false });
});

test('a place that programs pass and the list does not know is told', () => {
  expect(judgeKills({ ...good, reached: new Set(['here', 'there']) })).toMatchObject({ unlisted: ['there'], isGood: false });
});

test('a run that ended wrong and a program that ended by itself are told with their place', () => {
  const ended = [...played.deaths, { victim: 'orchestrator', how: 'exit code 1' }];
  const { wrong, isGood } = judgeKills({ ...good, played: [{ ...played, deaths: ended, problems: ['a row too many'] }] });

  expect(isGood).toBe(false);
  expect(wrong).toEqual([
    { id: 'here', problem: 'a row too many' },
    { id: 'here', problem: 'the orchestrator ended by itself: exit code 1' },
  ]);
});

test('places have names of their own, and each kind of report of the schema has two', () => {
  const ids = places.map(({ id }) => id);
  const folder = join(import.meta.dirname, '../../schemas/workflow');
  const latest = readdirSync(folder)
    .filter((name) => name.startsWith('task-reported.'))
    .toSorted()
    .at(-1);
  const { fields } = JSON.parse(readFileSync(join(folder, latest ?? ''), 'utf8')) as { fields: { name: string; doc: string }[] };
  const kinds =
    fields
      .find(({ name }) => name === 'kind')
      ?.doc.match(/[a-z]+/g)
      ?.filter((word) => word !== 'or') ?? [];

  expect(new Set(ids).size).toBe(ids.length);
  expect(kinds.length).toBeGreaterThan(4);
  const told = ids.filter((id) => id.startsWith('report ') && id.endsWith(' it is published')).toSorted();
  expect(told).toEqual(kinds.flatMap((kind) => [reportPlace(kind, 'after'), reportPlace(kind, 'before')]).toSorted());
});

test('the statements by which places are known are those of the programs', () => {
  const folder = join(import.meta.dirname, '../../services/orchestrator/src');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !name.includes('.test.'),
  );
  const sources = files.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
  const { fire, kept, ...names } = anchors;
  const missing = [...Object.values(names).map((name) => `name: '${name}'`), fire, kept].filter((text) => !sources.includes(text));

  expect(missing).toEqual([]);
});
