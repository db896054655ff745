import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { VigilError } from '@vigil/core';

/** A file to deploy. */
export interface DeployedFile {
  readonly path: string;
  readonly kind: 'definition' | 'schedules';
  /** Name of a file of schedules. */
  readonly group: string;
  readonly text: string;
}

const isYaml = (name: string): boolean => /\.ya?ml$/.test(name);

/** A folder stands for its definitions and its schedules; templates are not deployed. */
function expand(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  const below = ['definitions', 'schedules'].filter((name) => statSync(join(path, name), { throwIfNoEntry: false })?.isDirectory());
  const folders = below.length > 0 ? below.map((name) => join(path, name)) : [path];
  return folders.flatMap((folder) =>
    readdirSync(folder)
      .filter(isYaml)
      .sort()
      .map((name) => join(folder, name)),
  );
}

function readFile(path: string): DeployedFile {
  const text = readFileSync(path, 'utf8');
  const isSchedules = /^schedules:/m.test(text) && !/^tasks:/m.test(text);
  return { path, text, kind: isSchedules ? 'schedules' : 'definition', group: basename(path).replace(/\.ya?ml$/, '') };
}

/** Files to deploy, definitions first: schedules name workflows. @throws VigilError BAD_USAGE where one cannot be read */
export function findDefinitions(paths: readonly string[]): DeployedFile[] {
  try {
    const files = paths.flatMap(expand).map(readFile);
    return [...files.filter(({ kind }) => kind === 'definition'), ...files.filter(({ kind }) => kind === 'schedules')];
  } catch (cause) {
    throw new VigilError('BAD_USAGE', { detail: `${(cause as NodeJS.ErrnoException).path ?? 'A file'} cannot be read.`, cause });
  }
}
