import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createAcknowledgementFiles } from './acknowledgement-files.ts';

test('acknowledgements of one interchange are told apart, and no name leads elsewhere', async () => {
  const home = mkdtempSync(join(tmpdir(), 'vigil-ack-'));
  const keep = createAcknowledgementFiles(join(home, 'acks'));
  const piece = {
    kind: 'acknowledgement',
    source: 'f1/../x',
    type: '999',
    interchangeControl: '000000001',
    bytes: Buffer.from('AK9'),
  } as const;
  for (const _ of [1, 2]) await keep(piece);
  expect(readdirSync(join(home, 'acks')).sort()).toEqual(['f1_.._x.000000001.999.2.ack', 'f1_.._x.000000001.999.ack']);
  expect(readFileSync(join(home, 'acks', 'f1_.._x.000000001.999.ack'), 'utf8')).toBe('AK9');
  rmSync(home, { recursive: true });
});
