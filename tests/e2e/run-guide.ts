import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, vigilCommand } from '../fleet/fleet.ts';

/** The shell commands of a guide, in their order: everything a reader is told to type. */
export const commandsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);

/** `npx vigil` as npx would find it, without a second of npm before each command. */
const prelude = 'npx() { "$@"; }\n';

/** Types a guide's commands into one shell. @param folder  where it may write */
export function runGuide(file: string, folder: string): { readonly status: number | null; readonly output: string } {
  const { env } = vigilCommand([]).options;
  const { status, stdout, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', prelude + commandsOf(file).join('\n')], {
    cwd: root,
    encoding: 'utf8',
    env: { ...env, TMPDIR: folder, PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}` },
  });
  return { status, output: status === 0 ? '' : stdout + stderr };
}
