import { expect, test } from '@jest/globals';
import { createTableTeller } from './table-teller.ts';

const counts = { read: 2, written: 4, rejected: 0, skipped: 0 };
const health = () => 'behind' as const;

test('of a table that is followed, its health is told with the counts, also while nothing comes', async () => {
  const told: unknown[] = [];
  const teller = createTableTeller((...words) => void told.push(words), 5);
  teller.opened({ health });
  teller.counted(counts);
  expect(told).toEqual([[counts, 'behind']]);
  while (told.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  teller.stop();
  expect(told.at(-1)).toEqual([counts, 'behind']);
  const { length } = told;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(told).toHaveLength(length);
});

test('of one whose reader ends only counts are told', () => {
  const told: unknown[] = [];
  const teller = createTableTeller((...words) => void told.push(words), null);
  teller.opened({ health });
  teller.counted(counts);
  teller.stop();
  expect(told).toEqual([[counts, undefined]]);
});
