import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createLoadLimit } from './load-limit.ts';

const settings = { targetMs: 100, minItems: 500, maxItems: 10_000 };

/** Requests of 250 items one after the other on a full gateway, each answered after `tookMs`. */
function rounds(
  limit: ReturnType<typeof createLoadLimit>,
  { fromMs, count, tookMs }: { fromMs: number; count: number; tookMs: number },
): number {
  let nowMs = fromMs;
  for (let round = 0; round < count; round++) {
    const leaves = [];
    while (limit.hasRoom(250)) leaves.push(limit.enter(250, nowMs));
    nowMs += tookMs;
    for (const leave of leaves) leave(nowMs);
  }
  return nowMs;
}

test('in time, as much as the upper limit may be under way', () => {
  const limit = createLoadLimit(settings);
  rounds(limit, { fromMs: 0, count: 10, tookMs: 50 });

  expect(limit.limit()).toBe(10_000);
});

test('a standing queue makes less of it, down to the least; answers in time make more again', () => {
  const limit = createLoadLimit(settings);
  const endMs = rounds(limit, { fromMs: 0, count: 60, tookMs: 400 });
  expect(limit.limit()).toBe(500);

  rounds(limit, { fromMs: endMs, count: 120, tookMs: 20 });
  expect(limit.limit()).toBe(10_000);
});

test('one slow answer among others is no queue', () => {
  const limit = createLoadLimit(settings);
  const slow = limit.enter(250, 0);
  const quick = limit.enter(250, 300);
  quick(350);
  slow(400);

  expect(limit.limit()).toBe(10_000);
});

test('a slow answer to the only request is no queue of requests that wait for each other at first', () => {
  const limit = createLoadLimit(settings);
  limit.enter(1, 1_000_000)(1_000_150);

  expect(limit.limit()).toBe(10_000);
});

test('a little load does not raise the limit: it proves nothing', () => {
  const limit = createLoadLimit(settings);
  const endMs = rounds(limit, { fromMs: 0, count: 60, tookMs: 400 });
  for (let at = 0; at < 100; at++) limit.enter(1, endMs + at * 10)(endMs + at * 10 + 5);

  expect(limit.limit()).toBe(500);
});

test('a request larger than the limit gets in alone, and what did not ask counts', () => {
  const limit = createLoadLimit(settings);
  expect(limit.hasRoom(50_000)).toBe(true);
  const leave = limit.enter(9_900, 0);

  expect([limit.hasRoom(100), limit.hasRoom(101), limit.inFlight()]).toEqual([true, false, 9_900]);
  leave(10);
  expect(limit.inFlight()).toBe(0);
});

test('whatever comes, the limit stays within its bounds and nothing under way is forgotten', () => {
  const step = fc.record({ items: fc.integer({ min: 1, max: 2000 }), tookMs: fc.integer({ min: 0, max: 2000 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const limit = createLoadLimit(settings);
      let nowMs = 0;
      for (const { items, tookMs } of steps) {
        const leave = limit.enter(items, nowMs);
        nowMs += tookMs;
        leave(nowMs);
        expect(limit.limit()).toBeGreaterThanOrEqual(settings.minItems);
        expect(limit.limit()).toBeLessThanOrEqual(settings.maxItems);
        expect(limit.inFlight()).toBe(0);
      }
    }),
  );
});

test('a request larger than the limit gets in beside others, once half of it is free', () => {
  const limit = createLoadLimit(settings);
  rounds(limit, { fromMs: 0, count: 60, tookMs: 400 });
  const leave = limit.enter(251, 1_000_000);
  expect(limit.hasRoom(50_000)).toBe(false);
  leave(1_000_010);
  limit.enter(249, 1_000_020);

  expect(limit.hasRoom(50_000)).toBe(true);
});
