import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** The workspace of the console. */
const root = join(import.meta.dirname, '../..');

/** Where the page lies once it is built. */
export const consoleDist = join(root, 'dist');

/** Holds the hash of the sources that a build was made from; no server hands out a file of such a name. */
const markName = '.sources';

/** What a build depends on: its sources, its settings and its dependencies' versions, not what tests it. */
function hashSources(): string {
  const files = globSync(['index.html', 'package.json', 'vite.config.ts', 'src/**/*'], {
    cwd: root,
    exclude: ['src/**/*.test.ts', 'src/build'],
  });
  const hash = createHash('sha256');
  for (const file of files.filter((name) => /\.\w+$/.test(name)).sort()) hash.update(`${file}\0`).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

const markOf = (directory: string): string | null => {
  const mark = join(directory, markName);
  return existsSync(mark) ? readFileSync(mark, 'utf8') : null;
};

/** Vite runs as a program of its own: its native parts and its environment stay out of the caller. */
async function bundle(directory: string): Promise<void> {
  const vite = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin/vite.js');
  const { NODE_OPTIONS: _, ...env } = process.env;
  await promisify(execFile)(process.execPath, [vite, 'build', '--outDir', directory, '--logLevel', 'warn'], {
    cwd: root,
    env: { ...env, NODE_ENV: 'production' },
  });
}

export interface BuiltConsole {
  readonly directory: string;
  readonly outcome: 'built' | 'unchanged';
}

/**
 * Builds the console where the build is missing or of other sources. Two that build at once do no harm: each makes its own
 * and puts it in place.
 *
 * @param directory  where it shall lie
 */
export async function buildConsole(directory = consoleDist): Promise<BuiltConsole> {
  const sources = hashSources();
  if (markOf(directory) === sources) return { directory, outcome: 'unchanged' };
  const draft = `${directory}.${process.pid}`;
  await bundle(draft);
  writeFileSync(join(draft, markName), sources);
  rmSync(directory, { recursive: true, force: true });
  renameSync(draft, directory);
  return { directory, outcome: 'built' };
}
