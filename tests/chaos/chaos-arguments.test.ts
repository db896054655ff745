import { expect, test } from '@jest/globals';
import { faultIds, needsOf, parseChaosArguments } from './chaos-arguments.ts';
import { faultOf, faults, mixOf } from './faults/index.ts';
import { createSeededRandom } from '@vigil/testing';

const optionsOf = (...args: string[]) => {
  const parsed = parseChaosArguments(args);
  return parsed.kind === 'options' ? parsed.options : undefined;
};

test('a plan with its figures', () => {
  expect(optionsOf('--plan', 'F1,F11', '--seed', '7', '--records', '5000', '--rate', '200', '--rounds', '1', '--report', 'r.json')).toEqual(
    {
      plan: ['F1', 'F11'],
      minutes: 10,
      seed: 7,
      records: 5000,
      rate: 200,
      rounds: 1,
      report: 'r.json',
    },
  );
  expect(optionsOf('--mix', '--minutes', '3')).toMatchObject({ plan: 'mix', minutes: 3, records: 100_000 });
});

test('a plan has what it needs and no more', () => {
  const nothing = { cluster: false, disks: false, clocks: false };
  expect(needsOf({ plan: ['F1', 'F2'] })).toEqual({ ...nothing, cluster: true });
  expect(needsOf({ plan: ['F9'] })).toEqual({ ...nothing, cluster: true, disks: true });
  expect(needsOf({ plan: ['F13', 'F5'] })).toEqual({ ...nothing, clocks: true });
  expect(needsOf({ plan: 'mix' })).toEqual(nothing);
});

test.each([
  [[], 'Give either --plan or --mix.'],
  [['--plan', 'F1', '--mix'], 'Give either --plan or --mix.'],
  [['--plan', 'F1,F99'], 'There is no fault F99; there are F1'],
  [['--plan', 'F1', '--records', '10'], '--records is 10; it must be a whole number from 500'],
  [['--plan', 'F1', '--seed', 'x'], '--seed is x'],
  [['--unknown'], '--unknown'],
])('%j is refused with what is wrong and how it is called', (args, reason) => {
  const parsed = parseChaosArguments(args);
  expect(parsed).toMatchObject({ kind: 'told', code: 2 });
  expect(parsed.kind === 'told' && parsed.text).toContain(reason);
  expect(parsed.kind === 'told' && parsed.text).toContain('Example: npm run chaos');
});

test('--help is told and is no failure', () => {
  expect(parseChaosArguments(['--help'])).toMatchObject({ kind: 'told', code: 0 });
});

test('every fault that can be named exists, and no other', () => {
  expect(faults.map(({ id }) => id).sort()).toEqual([...faultIds].sort());
  expect(() => faultOf('F99')).toThrow('There is no fault F99');
});

test('a mix is two or three different faults, the same for a seed', () => {
  const titles = Array.from({ length: 40 }, (_, seed) => mixOf(createSeededRandom(seed)).title);
  expect(titles).toEqual(Array.from({ length: 40 }, (_, seed) => mixOf(createSeededRandom(seed)).title));
  expect(new Set(titles).size).toBeGreaterThan(10);
  for (const title of titles) {
    const parts = title.split(' + ');
    expect([2, 3]).toContain(parts.length);
    expect(new Set(parts).size).toBe(parts.length);
  }
});
