import { expect, test } from '@jest/globals';
import { matchesFilter } from './matches-filter.ts';

const record = { held: true, score: 0.7, place: { ward: 'ICU', rooms: ['1'] }, none: null };

test('every field must have its value, of its type', () => {
  expect(matchesFilter({}, record)).toBe(true);
  expect(matchesFilter({ held: true, score: 0.7 }, record)).toBe(true);
  expect(matchesFilter({ held: true, score: 0.8 }, record)).toBe(false);
  expect(matchesFilter({ held: 'true' }, record)).toBe(false);
});

test('a path leads into fields; what is not there is nothing', () => {
  expect(matchesFilter({ 'place.ward': 'ICU' }, record)).toBe(true);
  expect(matchesFilter({ 'place.bed': 'ICU' }, record)).toBe(false);
  expect(matchesFilter({ 'none.x': 'ICU' }, record)).toBe(false);
  expect(matchesFilter({ 'score.toFixed': 'x' }, record)).toBe(false);
  expect(matchesFilter({ constructor: 'x' }, null)).toBe(false);
});
