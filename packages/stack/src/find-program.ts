import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** The first executable of this name in `PATH` or the given directories; undefined when there is none. */
export const findProgram = (name: string, directories: readonly string[] = [], path = process.env['PATH'] ?? ''): string | undefined =>
  [...directories, ...path.split(delimiter).filter(Boolean)].map((directory) => join(directory, name)).find(isExecutable);

/** The entries of a directory as paths; none when it cannot be read. */
export const entriesOf = (directory: string): string[] => {
  try {
    return readdirSync(directory).map((entry) => join(directory, entry));
  } catch {
    return [];
  }
};
