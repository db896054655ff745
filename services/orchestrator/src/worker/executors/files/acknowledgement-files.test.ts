import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openFileSource } from '@vigil/sources';
import { acknowledgementsTo } from './acknowledgement-files.ts';

test('acknowledgements of one interchange are told apart, and no name leads elsewhere; the sender gets them, too', async () => {
  const home = mkdtempSync(join(tmpdir(), 'vigil-ack-'));
  const root = join(home, 'source');
  const source = openFileSource({ kind: 'folder', name: 's', root, acknowledgements: 'acks' });
  const { onAcknowledgement: keep } = acknowledgementsTo({ directory: join(home, 'acks'), source, folder: 'acks' });
  const piece = {
    kind: 'acknowledgement',
    source: 'f1/../x',
    type: '999',
    interchangeControl: '000000001',
    bytes: Buffer.from('AK9'),
  } as const;
  for (const _ of [1, 2]) await keep?.(piece);
  for (const folder of [join(home, 'acks'), join(root, 'acks')]) {
    expect(readdirSync(folder).sort()).toEqual(['f1_.._x.000000001.999.2.ack', 'f1_.._x.000000001.999.ack']);
    expect(readFileSync(join(folder, 'f1_.._x.000000001.999.ack'), 'utf8')).toBe('AK9');
  }
  // What was put there is nothing that came.
  expect(await Array.fromAsync(source.list('**/*'))).toEqual([]);
  expect(acknowledgementsTo({ directory: undefined, source, folder: undefined })).toEqual({});
  rmSync(home, { recursive: true });
});
