import { expect, test } from '@jest/globals';
import { readTrail, trailOf, writeTrail } from './checkpoint-trail.ts';

const sent = (partition: number, ...lines: number[]) => lines.map((line) => ({ topic: 't', partition, line }));
const appended = (partition: number, firstOffset: number | null, count: number) => ({ topic: 't', partition, firstOffset, count });

test('lines stand where the broker put them, batch by batch, and are read as they were written', () => {
  const trail = trailOf([...sent(0, 2, 3, 3), ...sent(1, 4)], [appended(0, 10, 2), appended(0, 12, 1), appended(1, 7, 1)]);

  expect(trail).toEqual([
    { topic: 't', partition: 0, firstOffset: 10, lines: [2, 3] },
    { topic: 't', partition: 0, firstOffset: 12, lines: [3] },
    { topic: 't', partition: 1, firstOffset: 7, lines: [4] },
  ]);
  expect(readTrail(writeTrail(trail!))).toEqual(trail);
});

test('records without a line, and batches of somebody else, leave none', () => {
  expect(trailOf(sent(0, 0, 0), [appended(0, 1, 2), appended(5, 1, 1)])).toEqual([]);
  expect(writeTrail([])).toBe('');
  expect(readTrail('')).toEqual([]);
});

test('a place that the broker does not tell makes the trail unknown', () => {
  expect(trailOf(sent(0, 1), [appended(0, null, 1)])).toBeNull();
});
