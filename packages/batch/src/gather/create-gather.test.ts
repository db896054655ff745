import { expect, test } from '@jest/globals';
import { createGather } from './create-gather.ts';

/** Work that ends when it is told to. */
function createDesk() {
  const batches: (readonly number[])[] = [];
  const ends: (() => void)[] = [];
  const work = async (inputs: readonly number[]): Promise<readonly string[]> => {
    batches.push(inputs);
    await new Promise<void>((resolve) => void ends.push(resolve));
    return inputs.map((input) => `done ${input}`);
  };
  /** Ends the work that is under way once there is some. */
  const end = async (): Promise<void> => {
    while (ends.length === 0) await new Promise(setImmediate);
    ends.shift()?.();
  };
  return { batches, work, end };
}

test('whoever asks while others are under way goes with the next, and each gets its own answer', async () => {
  const { batches, work, end } = createDesk();
  const ask = createGather({ work, most: 100 });
  const first = ask(1);
  while (batches.length === 0) await new Promise(setImmediate);
  const later = [ask(2), ask(3), ask(4)];
  await end();
  expect(await first).toBe('done 1');
  await end();
  expect(await Promise.all(later)).toEqual(['done 2', 'done 3', 'done 4']);
  expect(batches).toEqual([[1], [2, 3, 4]]);
});

test('those that ask in one turn go together from the first', async () => {
  const { batches, work, end } = createDesk();
  const ask = createGather({ work, most: 100 });
  const all = [ask(1), ask(2)];
  await end();
  await Promise.all(all);
  expect(batches).toEqual([[1, 2]]);
});

test('no more go together than may; what is heavier than that goes alone', async () => {
  const batches: (readonly number[])[] = [];
  const ask = createGather<number, number>({ work: async (inputs) => (batches.push(inputs), inputs), most: 10, weigh: (weight) => weight });
  await Promise.all([4, 6, 1, 25, 3].map(ask));
  expect(batches).toEqual([[4, 6], [1], [25], [3]]);
});

test('a failure that may be of one is that one’s only; any other is of all that went together', async () => {
  const work = async (inputs: readonly string[]): Promise<readonly string[]> => {
    if (inputs.includes('bad')) throw new Error('refused');
    if (inputs.includes('last')) throw new Error('away');
    return inputs;
  };
  const ask = createGather({ work, most: 100, isOfOne: (error) => (error as Error).message === 'refused' });
  const told = await Promise.allSettled(['a', 'bad', 'b'].map(ask));
  expect(told.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  const away = await Promise.allSettled(['a', 'last', 'b'].map(ask));
  expect(away.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  // And it goes on behind it.
  expect(await ask('c')).toBe('c');
});
