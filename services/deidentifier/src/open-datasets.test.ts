import { expect, test } from '@jest/globals';
import type { Keys } from '@vigil/runtime';
import { openDatasets } from './open-datasets.ts';

const key = (id: string) => ({ id, secret: Buffer.alloc(32, id) });
const keys: Keys = { token: key('t1'), dataset: key('d2'), data: key('k1'), previousDataset: key('d1') };
const settings = { mode: 'safe-harbor', dualKeyUntil: undefined, cachedPatients: 10 } as const;

test('one dataset under the present key', () => {
  const { current, previous } = openDatasets(keys, settings);
  expect(current.maskOf('t1.x').pseudonym).toMatch(/^d2\./);
  expect(previous).toBeNull();
});

test('while the key is rotated, the dataset under the previous key beside it', () => {
  const { current, previous, dualUntilMs } = openDatasets(keys, { ...settings, dualKeyUntil: 5 });
  expect([current, previous].map((dataset) => dataset?.maskOf('t1.x').pseudonym.slice(0, 3))).toEqual(['d2.', 'd1.']);
  expect(dualUntilMs).toBe(5);
});

test('a rotation without the previous key is refused', () => {
  expect(() => openDatasets({ ...keys, previousDataset: null }, { ...settings, dualKeyUntil: 5 })).toThrow(
    expect.objectContaining({ code: 'BAD_SETTINGS' }),
  );
});
