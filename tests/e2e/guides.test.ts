import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { root, startFleet, vigilCommand } from '../fleet/fleet.ts';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vigil-guides-'));
  await startFleet();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The shell commands of a guide, in their order: everything a reader is told to type. */
const commandsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);

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

/** `npx vigil` as npx would find it, without a second of npm before each command. */
const prelude = 'npx() { "$@"; }\n';

test.each(guides.map((file) => [basename(file), file]))('%s works as it is written', (_, file) => {
  const { env } = vigilCommand([]).options;
  const { status, stdout, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', prelude + commandsOf(file).join('\n')], {
    cwd: root,
    encoding: 'utf8',
    env: { ...env, TMPDIR: folder, PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}` },
  });

  expect({ status, output: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, output: '' });
});
