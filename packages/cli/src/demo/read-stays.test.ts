import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readStays } from './read-stays.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigil-stays-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('without a folder there are no recordings', () => {
  expect(readStays(undefined, 0)).toEqual([]);
});

test('a folder that is not there or holds no stay is named', () => {
  expect(() => readStays(join(folder, 'nowhere'), 0)).toThrow('nowhere holds no recorded stays (*.psv).');
  expect(() => readStays(folder, 0)).toThrow('holds no recorded stays');
});

test('stays are read, empty ones are left out', () => {
  writeFileSync(join(folder, 'p1.psv'), 'HR|O2Sat|Temp|SBP|MAP|DBP|Resp|Age|SepsisLabel\n80|97|NaN|120|90|80|16|60|0\n');
  writeFileSync(join(folder, 'p2.psv'), 'HR|O2Sat|Temp|SBP|MAP|DBP|Resp|Age|SepsisLabel\n');

  expect(readStays(folder, 0).map(({ patientId }) => patientId)).toEqual(['PHYSIONET_p1']);
});
