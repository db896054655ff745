import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isVigilError, VigilError } from '@vigil/core';
import { deployedText, inspectWorkflow, listProblems, readFolder, templatesOf } from '@vigil/definitions';

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

/**
 * A definition with its template in place: the one beside the folder of definitions.
 *
 * @throws VigilError BAD_DEFINITION with the problems where they can be mended
 */
function standingAlone(path: string, text: string): string {
  const templates = templatesOf(readFolder(join(dirname(path), '..')));
  const read = inspectWorkflow(text, templates);
  if (read.ok) return deployedText(text, templates);
  throw new VigilError('BAD_DEFINITION', { detail: `\n${listProblems(path, read.problems)}\n` });
}

function readFile(path: string): DeployedFile {
  const text = readFileSync(path, 'utf8');
  const group = basename(path).replace(/\.ya?ml$/, '');
  if (/^template:/m.test(text)) return { path, text: standingAlone(path, text), kind: 'definition', group };
  const isSchedules = /^schedules:/m.test(text) && !/^tasks:/m.test(text);
  return { path, text, kind: isSchedules ? 'schedules' : 'definition', group };
}

/** Files to deploy, definitions first: schedules name workflows. @throws VigilError BAD_USAGE where one cannot be read, BAD_DEFINITION where its template does not fit */
export function findDefinitions(paths: readonly string[]): DeployedFile[] {
  try {
    const files = paths.flatMap(expand).map(readFile);
    return [...files.filter(({ kind }) => kind === 'definition'), ...files.filter(({ kind }) => kind === 'schedules')];
  } catch (cause) {
    if (isVigilError(cause)) throw cause;
    throw new VigilError('BAD_USAGE', { detail: `${(cause as NodeJS.ErrnoException).path ?? 'A file'} cannot be read.`, cause });
  }
}
