import { constants, type Stats } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isVigilError, VigilError, type ErrorCode } from '@vigil/core';
import type { FileSource, FoundFile } from './file-source.ts';
import { freeName } from './free-name.ts';
import { guardStream } from './guard-stream.ts';
import { mayBeLost } from './lost-name.ts';
import { matchPattern, type PathPattern } from './match-pattern.ts';
import { isSafePath } from './safe-path.ts';
import { usualArchive, usualIdleMs, type FolderOptions } from './source-options.ts';

const foundOf = (path: string, { size, mtimeMs, ino }: Stats): FoundFile => ({
  path,
  bytes: size,
  modifiedAtMs: Math.round(mtimeMs),
  version: `${ino}-${size}-${mtimeMs}`,
});

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;

/** What a failure means for the folder as such. */
const asSourceError = (error: unknown, name: string): VigilError => {
  const code: ErrorCode = codeOf(error) === 'EACCES' || codeOf(error) === 'EPERM' ? 'SOURCE_DENIED' : 'SOURCE_AWAY';
  return new VigilError(code, { detail: `Source ${name}.`, cause: error });
};

/** What it means for one file in it. */
function asFileError(error: unknown, name: string): unknown {
  if (isVigilError(error)) return error;
  const code = codeOf(error);
  const as = (meaning: ErrorCode): VigilError => new VigilError(meaning, { detail: `Source ${name}.`, cause: error });
  if (code === 'ENOENT') return as('SOURCE_FILE_GONE');
  // ELOOP: a link where a file was.
  if (code === 'ELOOP') return as('SOURCE_FILE_CHANGED');
  if (code === 'EACCES' || code === 'EPERM') return as('UNREADABLE_FILE');
  return typeof code === 'string' ? as('SOURCE_AWAY') : error;
}

/** A folder of this machine into which others put files. Links are not followed: they may lead anywhere. */
export function openFolder({ name, root, archive = usualArchive, acknowledgements }: FolderOptions): FileSource {
  const placeOf = (path: string): string => {
    if (!isSafePath(path)) throw new VigilError('UNSAFE_FILE_NAME', { detail: `Source ${name}.` });
    return join(root, path);
  };
  const ofFile = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      throw asFileError(error, name);
    }
  };

  async function* listBelow(directory: string, depth: number, pattern: PathPattern): AsyncGenerator<FoundFile> {
    const entries = await readdir(join(root, directory), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = directory === '' ? entry.name : `${directory}/${entry.name}`;
      if (path === archive || path === acknowledgements) continue;
      const isMeant = entry.isDirectory() ? depth < pattern.depth : entry.isFile() && pattern.matches(path);
      if (!isMeant) continue;
      const stats = await lstat(join(root, path)).catch(() => null);
      if (stats === null && mayBeLost(entry.name)) yield { path, bytes: 0, modifiedAtMs: 0, version: 'unknown', isNameLost: true };
      // Gone between listing and looking: as if it had not been listed.
      else if (stats?.isDirectory()) yield* listBelow(path, depth + 1, pattern);
      else if (stats?.isFile() && entry.isFile()) yield foundOf(path, stats);
    }
  }

  const isSame = async (file: FoundFile): Promise<boolean> => foundOf(file.path, await lstat(placeOf(file.path))).version === file.version;
  const checkSame = async (file: FoundFile): Promise<void> => {
    if (!(await isSame(file))) throw new VigilError('SOURCE_FILE_CHANGED', { detail: `Source ${name}.` });
  };

  return {
    name,
    async *list(pattern) {
      try {
        yield* listBelow('', 0, matchPattern(pattern));
      } catch (error) {
        throw asSourceError(error, name);
      }
    },
    open: (file, offset = 0) =>
      ofFile(async () => {
        const handle = await open(placeOf(file.path), constants.O_RDONLY | constants.O_NOFOLLOW);
        try {
          if (foundOf(file.path, await handle.stat()).version !== file.version)
            throw new VigilError('SOURCE_FILE_CHANGED', { detail: `Source ${name}.` });
        } catch (error) {
          await handle.close();
          throw error;
        }
        const bytes = handle.createReadStream({ start: offset, highWaterMark: 256 * 1024 });
        return guardStream(bytes, { source: name, file, offset, idleMs: usualIdleMs, isSame: () => ofFile(() => isSame(file)) });
      }),
    archive: (file) =>
      ofFile(async () => {
        const from = placeOf(file.path);
        if ((await lstat(from).catch(() => null)) === null) return;
        await checkSame(file);
        const isTaken = async (place: string): Promise<boolean> => (await lstat(place).catch(() => null)) !== null;
        const target = await freeName(join(root, archive, file.path), isTaken);
        await mkdir(dirname(target), { recursive: true });
        await rename(from, target);
      }),
    async put(path, content) {
      const target = placeOf(path);
      // A name of the kind that nobody takes before it is whole.
      const draft = join(dirname(target), `.${basename(target)}.part`);
      try {
        await mkdir(dirname(target), { recursive: true });
        await writeFile(draft, content);
        await rename(draft, target);
      } catch (error) {
        throw asSourceError(error, name);
      }
    },
    close: async () => {},
  };
}
