import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { aDataset } from '../../test-support/samples.ts';

const dayMs = 86_400_000;
const token = fc.stringMatching(/^t1\.[A-Za-z0-9_-]{22}$/);
const yearOf = (ms: number): number => new Date(ms).getUTCFullYear();

test('a patient’s mask is the same on every replay, whatever was asked in between', () => {
  fc.assert(
    fc.property(token, fc.array(token, { maxLength: 20 }), (patient, others) => {
      const first = aDataset('d1', 'safe-harbor', 4);
      const before = first.maskOf(patient);
      others.forEach((other) => first.maskOf(other));
      expect(first.maskOf(patient)).toEqual(before);
      expect(aDataset('d1').maskOf(patient)).toEqual(before);
    }),
  );
});

test('under another key, or in the other mode, nothing of a patient is the same', () => {
  fc.assert(
    fc.property(token, (patient) => {
      const datasets = [aDataset('d1'), aDataset('d2'), aDataset('d1', 'date-shift')];
      const masks = datasets.map((dataset) => dataset.maskOf(patient));
      expect(new Set(masks.map(({ pseudonym }) => pseudonym)).size).toBe(3);
      expect(new Set(masks.map(({ pseudonym }) => pseudonym.split('.').at(-1))).size).toBe(3);
      expect(new Set(masks.map(({ elapsedOffsetMs }) => elapsedOffsetMs)).size).toBe(3);
      expect(new Set(datasets.map((dataset) => dataset.idOf(patient))).size).toBe(3);
    }),
  );
});

test('a pseudonym carries the key’s id and nothing of the token', () => {
  fc.assert(
    fc.property(token, (patient) => {
      const { pseudonym } = aDataset('d7').maskOf(patient);
      expect(pseudonym).toMatch(/^d7\.[A-Za-z0-9_-]{22}$/);
      expect(pseudonym).not.toContain(patient.slice(3));
      expect(aDataset('d7', 'date-shift').maskOf(patient).pseudonym).toMatch(/^shifted-d7\./);
    }),
  );
});

test('the anchor is spread over far more than a century, to the millisecond', () => {
  const offsets = Array.from({ length: 4000 }, (_, index) => aDataset().maskOf(`t1.${index}`).elapsedOffsetMs);
  const range = 2 ** 48;
  const inEighth = Array.from({ length: 8 }, (_, eighth) => offsets.filter((offset) => Math.floor((offset / range) * 8) === eighth).length);

  expect(range).toBeGreaterThan(100 * 365.25 * dayMs);
  for (const count of inEighth) expect(Math.abs(count - 500)).toBeLessThan(110); // 5 standard deviations
  expect(offsets.every((offset) => Number.isSafeInteger(offset) && offset >= 0 && offset < range)).toBe(true);
  expect(new Set(offsets.map((offset) => offset % 1000)).size).toBeGreaterThan(950);
});

test('the year flips at no true New Year, in no time zone, and is at most half a year off', () => {
  fc.assert(
    fc.property(token, fc.integer({ min: 1990, max: 2040 }), fc.integer({ min: -14 * 60, max: 14 * 60 }), (patient, year, zoneMinutes) => {
      const { yearOffsetMs } = aDataset().maskOf(patient);
      const newYear = Date.UTC(year, 0, 1) + zoneMinutes * 60_000;
      expect(yearOf(newYear - 1 + yearOffsetMs)).toBe(yearOf(newYear + yearOffsetMs));
      expect(Math.abs(yearOffsetMs)).toBeLessThanOrEqual(183 * dayMs);
      expect(Math.abs(yearOf(newYear + yearOffsetMs) - yearOf(newYear))).toBeLessThanOrEqual(1);
    }),
  );
});

test('a shifted date is moved by whole days, one to 365, always the same for a patient', () => {
  const shifts = Array.from({ length: 2000 }, (_, index) => aDataset('d1', 'date-shift').maskOf(`t1.${index}`));
  for (const { elapsedOffsetMs, yearOffsetMs } of shifts) {
    expect(Number.isInteger(elapsedOffsetMs / dayMs)).toBe(true);
    expect(Math.abs(elapsedOffsetMs / dayMs)).toBeGreaterThanOrEqual(1);
    expect(Math.abs(elapsedOffsetMs / dayMs)).toBeLessThanOrEqual(365);
    expect(yearOffsetMs).toBe(elapsedOffsetMs);
  }
  expect(shifts.some(({ elapsedOffsetMs }) => elapsedOffsetMs < 0) && shifts.some(({ elapsedOffsetMs }) => elapsedOffsetMs > 0)).toBe(true);
});

test('ids become 32 digits that an unkeyed hash cannot give', () => {
  expect(aDataset().idOf('0123456789abcdef0123456789abcdef')).toMatch(/^[0-9a-f]{32}$/);
});
