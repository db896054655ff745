import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chooseParts, orderParts, type Candidate, type Capacity, type ChoiceRules } from './choose-parts.ts';

const rules: ChoiceRules = { nowMs: 1_000_000, ageingMs: 60_000, reserveAfterMs: 60_000 };
const size = (slots: number): Capacity => ({ slots, cpu: slots, memoryMiB: 1000, io: slots });
const part = (id: string, given: Partial<Candidate> = {}): Candidate => ({
  id,
  workflow: 'w',
  priority: 5,
  queuedAtMs: 999_000,
  servedAtMs: null,
  slots: 1,
  cpu: 0,
  memoryMiB: 0,
  io: 0,
  ...given,
});
const chosen = (parts: readonly Candidate[], slots: number, given: Partial<ChoiceRules> = {}): string[] =>
  chooseParts(parts, { total: size(10), free: size(slots) }, { ...rules, ...given }).chosen.map(({ id }) => id);

test('a higher priority goes first, within it what was queued first', () => {
  expect(chosen([part('late'), part('high', { priority: 6 }), part('early', { queuedAtMs: 998_000 })], 2)).toEqual(['high', 'early']);
});

test('workflows take turns, beginning with the one that was served longest ago', () => {
  const backlog = Array.from({ length: 4 }, (_, n) => part(`a${n}`, { workflow: 'a', queuedAtMs: 900_000 + n, servedAtMs: 999_500 }));
  expect(chosen([...backlog, part('b0', { workflow: 'b', servedAtMs: 999_000 }), part('c0', { workflow: 'c' })], 4)).toEqual([
    'c0',
    'b0',
    'a0',
    'a1',
  ]);
});

test('a queue that is not served for three times the ageing goes before one of two priorities more', () => {
  const old = part('old', { workflow: 'backfill', priority: 3, queuedAtMs: rules.nowMs - 180_000 });
  const served = part('fresh', { priority: 5, servedAtMs: rules.nowMs });
  expect(chosen([served, old], 1)).toEqual(['old']);
  expect(chosen([served, { ...old, queuedAtMs: rules.nowMs - 119_000 }], 1)).toEqual(['fresh']);
});

test('a backlog does not age while it is served: a workflow that has just asked gets its turn', () => {
  const backlog = Array.from({ length: 3 }, (_, n) => part(`a${n}`, { workflow: 'a', queuedAtMs: n, servedAtMs: rules.nowMs - 10 }));
  expect(chosen([...backlog, part('b', { workflow: 'b', queuedAtMs: rules.nowMs })], 1)).toEqual(['b']);
});

test('what does not fit lets others pass until it has waited long enough, then room is kept for it', () => {
  const heavy = part('heavy', { workflow: 'heavy', slots: 3, queuedAtMs: 950_000 });
  const light = part('light', { queuedAtMs: 960_000 });
  expect(chosen([heavy, light], 2)).toEqual(['light']);
  expect(chosen([heavy, light], 2, { reserveAfterMs: 50_000 })).toEqual([]);
});

test('what is larger than the whole pool is passed always, however long it has waited', () => {
  const choice = chooseParts([part('huge', { slots: 11, queuedAtMs: 0 }), part('light')], { total: size(10), free: size(2) }, rules);
  expect(choice.chosen.map(({ id }) => id)).toEqual(['light']);
  expect(choice.stuck).toBeNull();
});

const anyPart = fc.record({
  id: fc.uuid(),
  workflow: fc.constantFrom('a', 'b', 'c'),
  priority: fc.integer({ min: 0, max: 9 }),
  queuedAtMs: fc.integer({ min: 0, max: 1_000_000 }),
  servedAtMs: fc.option(fc.integer({ min: 0, max: 1_000_000 })),
  slots: fc.integer({ min: 1, max: 4 }),
  cpu: fc.integer({ min: 0, max: 4 }),
  memoryMiB: fc.integer({ min: 0, max: 600 }),
  io: fc.integer({ min: 0, max: 4 }),
});

test('whatever is queued, no more is chosen than is free, nothing twice, and something wherever something fits', () => {
  fc.assert(
    fc.property(fc.array(anyPart, { maxLength: 30 }), fc.integer({ min: 0, max: 6 }), (parts, slots) => {
      const free = size(slots);
      const { chosen: taken } = chooseParts(parts, { total: size(10), free }, { ...rules, reserveAfterMs: Infinity });
      const sum = (pick: (one: Candidate) => number): number => taken.reduce((total, one) => total + pick(one), 0);
      expect(sum((one) => one.slots)).toBeLessThanOrEqual(free.slots);
      expect(sum((one) => one.cpu)).toBeLessThanOrEqual(free.cpu);
      expect(sum((one) => one.memoryMiB)).toBeLessThanOrEqual(free.memoryMiB);
      expect(sum((one) => one.io)).toBeLessThanOrEqual(free.io);
      expect(new Set(taken).size).toBe(taken.length);
      const fits = parts.some(
        (one) => one.slots <= free.slots && one.cpu <= free.cpu && one.memoryMiB <= free.memoryMiB && one.io <= free.io,
      );
      expect(taken.length > 0).toBe(fits);
    }),
  );
});

test('every candidate stands in the order exactly once', () => {
  fc.assert(
    fc.property(fc.array(anyPart, { maxLength: 30 }), (parts) => {
      expect(new Set(orderParts(parts, rules))).toEqual(new Set(parts));
      expect(orderParts(parts, rules)).toHaveLength(parts.length);
    }),
  );
});

test('ten tenths of a processor fit into one, as PostgreSQL adds them up', () => {
  // real: 0.1 nine times.
  const free = { slots: 10, cpu: 1 - 0.900_000_04, memoryMiB: 1000, io: 1 };
  const { chosen: last } = chooseParts([part('tenth', { cpu: 0.1 })], { total: { ...free, cpu: 1 }, free }, rules);
  expect(last).toHaveLength(1);
});

test('what was queued at the same moment goes by its id, in whatever order it is given', () => {
  expect(chosen([part('b'), part('a'), part('c')], 3)).toEqual(['a', 'b', 'c']);
  expect(chosen([part('c'), part('b'), part('a')], 3)).toEqual(['a', 'b', 'c']);
});
