import { globSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { VigilError } from '@vigil/core';
import type { FolderTexts } from './inspect-folder.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The texts of every YAML file of a folder like `workflows/`.
 *
 * @throws VigilError BAD_DEFINITION where one cannot be read as UTF-8
 */
export function readFolder(folder: string): FolderTexts {
  const files = globSync('**/*.{yaml,yml}', { cwd: folder }).sort();
  return Object.fromEntries(
    files.map((file) => {
      try {
        return [file.replaceAll(sep, '/'), utf8.decode(readFileSync(join(folder, file)))];
      } catch (cause) {
        throw new VigilError('BAD_DEFINITION', { detail: `${join(folder, file)} cannot be read as a UTF-8 text file.`, cause });
      }
    }),
  );
}
