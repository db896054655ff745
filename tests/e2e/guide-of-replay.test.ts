import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, startFleet } from '../fleet/fleet.ts';
import { runGuide } from './run-guide.ts';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vigil-guides-'));
  await startFleet();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// By itself: it stops the whole fleet and starts it again, which takes a small machine minutes, so `npm run prove` runs it.
test('replay-a-sink-or-a-stage.md works as it is written', () => {
  expect(runGuide(join(root, 'docs/guides/replay-a-sink-or-a-stage.md'), folder)).toEqual({ status: 0, output: '' });
});
