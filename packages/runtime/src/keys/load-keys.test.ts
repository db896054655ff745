import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { loadKeys } from './load-keys.ts';

const directory = mkdtempSync(join(tmpdir(), 'vigil-keys-'));
afterAll(() => rmSync(directory, { recursive: true }));

const secretOf = (byte: number, length = 32): string => Buffer.alloc(length, byte).toString('base64');
const good = {
  token: { id: 't1', secret: secretOf(1) },
  dataset: { id: 'd2', secret: secretOf(2) },
  data: { id: 'k1', secret: secretOf(3) },
};

let files = 0;
const fileWith = (content: unknown, mode = 0o600): string => {
  const file = join(directory, `keys-${++files}.json`);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  chmodSync(file, mode);
  return file;
};

test('keys are read with their ids', () => {
  const keys = loadKeys(fileWith(good));

  expect(keys.token).toEqual({ id: 't1', secret: Buffer.alloc(32, 1) });
  expect(keys.previousDataset).toBeNull();
});

test('the dataset key before the last rotation may stand beside the present one', () => {
  expect(loadKeys(fileWith({ ...good, previousDataset: { id: 'd1', secret: secretOf(4) } })).previousDataset?.id).toBe('d1');
});

test.each<[string, () => string, RegExp]>([
  ['a missing file', () => join(directory, 'none.json'), /cannot be read or is not JSON/],
  ['a file that is not JSON', () => fileWith('{"token": hunter2'), /cannot be read or is not JSON/],
  ['a file that others can read', () => fileWith(good, 0o644), /can be read by others: chmod 600/],
  ['a missing key', () => fileWith({ token: good.token, data: good.data }), /dataset: /],
  ['an unknown key', () => fileWith({ ...good, datasett: good.token }), /datasett/],
  ['a short secret', () => fileWith({ ...good, data: { id: 'k1', secret: secretOf(3, 31) } }), /data.secret: must hold at least 32 bytes/],
  ['a secret that is not base64', () => fileWith({ ...good, data: { id: 'k1', secret: 'hunter2!' } }), /data.secret: must be base64/],
  ['a bad id', () => fileWith({ ...good, data: { id: 'K.1', secret: secretOf(3) } }), /data.id: must be/],
  ['no object', () => fileWith('null'), /the file: /],
  ['one secret for two purposes', () => fileWith({ ...good, data: good.token }), /one secret for two purposes/],
  [
    'two dataset keys of one id',
    () => fileWith({ ...good, previousDataset: { id: 'd2', secret: secretOf(9) } }),
    /both dataset keys one id/,
  ],
])('%s fails closed and betrays no secret', (_name, file, expected) => {
  const reading = (): unknown => loadKeys(file());

  expect(reading).toThrow(expected);
  expect(reading).toThrow(expect.objectContaining({ code: 'BAD_SETTINGS' }));
  expect(reading).not.toThrow(/hunter2|AQEBAQ/);
});
