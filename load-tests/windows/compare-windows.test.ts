import { expect, test } from '@jest/globals';
import type { WindowClosed } from '@vigil/contracts';
import { compareWindows, readingsIn, tableOf } from './compare-windows.ts';

const aWindow = (changes: Partial<WindowClosed> = {}): WindowClosed => ({
  windowId: 'w',
  patientToken: 't',
  vital: 'heart_rate',
  windowStart: 0,
  sizeMs: 300_000,
  revision: 0,
  closedBy: 'watermark',
  n: 3,
  min: 70,
  max: 90,
  mean: 80,
  stddev: 10,
  last: 90,
  receivedAt: 5,
  ...changes,
});

const table = (...windows: WindowClosed[]) => tableOf(windows, Number.POSITIVE_INFINITY);

test('equal windows are equal, whoever closed them', () => {
  expect(compareWindows(table(aWindow()), table(aWindow({ closedBy: 'idle' })))).toEqual({ windows: 1, differences: [], equal: true });
});

test.each(['windowId', 'sizeMs', 'n', 'min', 'max', 'last', 'receivedAt', 'mean', 'stddev'] as const)('a changed %s is found', (field) => {
  const value = aWindow()[field];
  const changed = aWindow({ [field]: typeof value === 'number' ? value + 1 : 'other' });
  const { equal, differences } = compareWindows(table(aWindow()), table(changed));
  expect(equal).toBe(false);
  expect(differences[0]).toMatch(new RegExp(`^${field} of heart_rate`));
});

test('mean and deviation may differ in their last bits, and no further', () => {
  expect(compareWindows(table(aWindow()), table(aWindow({ mean: 80 * (1 + 1e-12) }))).equal).toBe(true);
  expect(compareWindows(table(aWindow()), table(aWindow({ mean: 80 * (1 + 1e-8) }))).equal).toBe(false);
  expect(compareWindows(table(aWindow({ stddev: null })), table(aWindow({ stddev: null }))).equal).toBe(true);
  expect(compareWindows(table(aWindow()), table(aWindow({ stddev: null }))).equal).toBe(false);
});

test('a window that only one side has is found on both sides', () => {
  expect(compareWindows(table(aWindow()), table()).differences).toEqual(['only ours has heart_rate from 0']);
  expect(compareWindows(table(), table(aWindow())).differences).toEqual(['only theirs has heart_rate from 0']);
});

test('nothing compared is not equal', () => {
  expect(compareWindows(table(), table()).equal).toBe(false);
});

test('the first differences are told', () => {
  const many = Array.from({ length: 9 }, (_, index) => aWindow({ windowStart: index }));
  expect(compareWindows(table(...many), table()).differences).toHaveLength(5);
});

test('the last revision counts, in whatever order they come', () => {
  const [first, corrected] = [aWindow(), aWindow({ revision: 1, n: 4 })];
  expect([...table(corrected, first).values()]).toEqual([corrected]);
  expect([...table(first, corrected).values()]).toEqual([corrected]);
});

test('windows that were opened only to push the clocks are left out', () => {
  expect(tableOf([aWindow(), aWindow({ windowStart: 300_000 })], 300_000).size).toBe(1);
});

test('readings are counted over the windows of one vital', () => {
  const windows = table(aWindow(), aWindow({ windowStart: 300_000, n: 2 }), aWindow({ vital: 'systolic', n: 9 }));
  expect(readingsIn(windows, 'heart_rate')).toBe(5);
});
