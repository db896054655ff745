import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { root, startFleet } from '../fleet/fleet.ts';
import { commandsOf, runGuide } from './run-guide.ts';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vigil-guides-'));
  await startFleet();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Run by `guide-of-replay.test.ts`. */
const byItself = 'replay-a-sink-or-a-stage.md';
const guides = globSync('docs/guides/*.md', { cwd: root }).map((file) => join(root, file));

test('there are guides, and each has commands', () => {
  expect(guides.map((file) => basename(file)).sort()).toEqual([
    'add-a-source.md',
    'backfill.md',
    'export-an-835.md',
    'follow-a-record.md',
    'publish-from-a-device.md',
    'query-the-warehouse.md',
    'replay-a-sink-or-a-stage.md',
    'reproduce-a-simulated-failure.md',
    'requeue-from-quarantine.md',
    'respond-to-a-page.md',
    'resume-after-a-fix.md',
    'submit-claims.md',
    'watch-runs-in-the-console.md',
    'work-the-review-queue.md',
    'write-a-workflow.md',
  ]);
  expect(guides.filter((file) => commandsOf(file).length === 0)).toEqual([]);
});

const others = guides.filter((file) => basename(file) !== byItself);

test.each(others.map((file) => [basename(file), file]))('%s works as it is written', (_, file) => {
  expect(runGuide(file, folder)).toEqual({ status: 0, output: '' });
});
