import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openFileSource } from '@vigil/sources';
import { acknowledgementsTo } from './acknowledgement-files.ts';

test('the sender gets acknowledgements back, those of one interchange told apart; a repeat changes nothing, and no name leads elsewhere', async () => {
  const root = mkdtempSync(join(tmpdir(), 'vigil-ack-'));
  const source = openFileSource({ kind: 'folder', name: 's', root, acknowledgements: 'acks' });
  const { onAcknowledgement: give } = acknowledgementsTo(source, 'acks');
  const piece = {
    kind: 'acknowledgement',
    source: 'f1/../x',
    type: '999',
    interchangeControl: '000000001',
    bytes: Buffer.from('AK9'),
  } as const;
  for (const ordinal of [1, 2, 1, 2]) await give?.({ ...piece, ordinal });
  expect(readdirSync(join(root, 'acks')).sort()).toEqual(['f1_.._x.000000001.999.2.ack', 'f1_.._x.000000001.999.ack']);
  expect(readFileSync(join(root, 'acks/f1_.._x.000000001.999.ack'), 'utf8')).toBe('AK9');
  // What was put there is nothing that came.
  expect(await Array.fromAsync(source.list('**/*'))).toEqual([]);
  rmSync(root, { recursive: true });
});

test('a source that names no folder for them gets none', () => {
  expect(acknowledgementsTo({ put: () => Promise.reject(new Error('put')) }, undefined)).toEqual({});
});
