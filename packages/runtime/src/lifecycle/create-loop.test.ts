import { expect, test } from '@jest/globals';
import { VigilError } from '@vigil/core';
import { createLoop, handleFailure, type LoopOptions } from './create-loop.ts';

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
const unused = (): never => {
  throw new Error('not expected');
};
const loopOf = (turn: LoopOptions['turn'], options: Partial<LoopOptions> = {}) =>
  createLoop({ everyMs: 3_600_000, turn, onTrouble: unused, onFatal: unused, ...options });

test('a turn is taken at once, on time, and when nudged', async () => {
  const count = { turns: 0 };
  const loop = loopOf(async () => (count.turns++, 'rest'));
  await settle();
  expect(count.turns).toBe(1);
  loop.nudge();
  await settle();
  expect(count.turns).toBe(2);
  await loop.close();

  const ticking = loopOf(async () => (count.turns++, 'rest'), { everyMs: 1 });
  while (count.turns < 5) await settle();
  await ticking.close();
});

test('a nudge during a turn is not lost, and again asks for the next one', async () => {
  const count = { turns: 0 };
  const loop = loopOf(async () => {
    count.turns++;
    await settle();
    return count.turns < 2 ? 'again' : 'rest';
  });
  await settle();
  while (count.turns < 2) await settle();
  loop.nudge();
  while (count.turns < 3) await settle();
  await loop.close();
  expect(count.turns).toBe(3);
});

test('a dependency that is away is told of, and asked again on time only', async () => {
  const troubles: unknown[] = [];
  const count = { turns: 0 };
  const loop = loopOf(
    async () => {
      count.turns++;
      loop.nudge();
      throw new VigilError('DATABASE_AWAY');
    },
    { everyMs: 5, onTrouble: (error) => void troubles.push(error) },
  );
  while (count.turns < 3) await settle();
  await loop.close();

  expect(troubles).toHaveLength(count.turns);
});

test('a fault of our own ends the loop', async () => {
  const fatal: unknown[] = [];
  const fault = new TypeError('ours');
  const loop = loopOf(async () => Promise.reject(fault), { onFatal: (error) => void fatal.push(error) });
  await settle();
  await loop.close();

  expect(fatal).toEqual([fault]);
});

test('failures outside a turn are told apart in the same way', () => {
  const seen: string[] = [];
  const handlers = { onTrouble: () => void seen.push('trouble'), onFatal: () => void seen.push('fatal') };
  handleFailure(new VigilError('DATABASE_AWAY'), handlers);
  handleFailure(new Error('ours'), handlers);

  expect(seen).toEqual(['trouble', 'fatal']);
});
