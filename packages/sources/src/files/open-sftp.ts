import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { isVigilError, VigilError, type ErrorCode } from '@vigil/core';
import type { Attributes, FileEntry } from 'ssh2';
import type { FileSource, FoundFile } from './file-source.ts';
import { freeName } from './free-name.ts';
import { guardStream } from './guard-stream.ts';
import { mayBeLost } from './lost-name.ts';
import { matchPattern, type PathPattern } from './match-pattern.ts';
import { readAhead, type OpenedHandle } from './read-ahead.ts';
import { isSafePath } from './safe-path.ts';
import { createSftpSession, sftpStatus } from './sftp-session.ts';
import { usualArchive, usualIdleMs, type SftpOptions } from './source-options.ts';

const typeBits = 0o170_000;
const regular = 0o100_000;
const directory = 0o040_000;

const isOf = (type: number, { mode }: Attributes): boolean => (mode & typeBits) === type;

/** The protocol tells whole seconds: a file that is replaced within one by another of its size looks the same; its hash will not. */
const foundOf = (path: string, { size, mtime }: Attributes): FoundFile => ({
  path,
  bytes: size,
  modifiedAtMs: mtime * 1000,
  version: `${size}-${mtime}`,
});

/** Files on an SFTP server. @throws nothing: it connects when it is first used */
export function openSftp(options: SftpOptions): FileSource {
  const { name, root, archive = usualArchive, acknowledgements, idleMs = usualIdleMs } = options;
  const session = createSftpSession(options);
  const as = (code: ErrorCode, cause?: unknown): VigilError => new VigilError(code, { detail: `Source ${name}.`, cause });

  /** Refusals of the server mean one thing for a file and another for the root. */
  const telling = async <Result>(meanings: Readonly<Record<number, ErrorCode>>, work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      if (isVigilError(error)) throw error;
      throw as(meanings[Number((error as { code?: unknown }).code)] ?? 'SOURCE_AWAY', error);
    }
  };
  const ofFile = <Result>(work: () => Promise<Result>): Promise<Result> =>
    telling({ [sftpStatus.noSuchFile]: 'SOURCE_FILE_GONE', [sftpStatus.permissionDenied]: 'UNREADABLE_FILE' }, work);
  const ofRoot = <Result>(work: () => Promise<Result>): Promise<Result> =>
    telling({ [sftpStatus.permissionDenied]: 'SOURCE_DENIED' }, work);

  const placeOf = (path: string): string => {
    if (!isSafePath(path)) throw as('UNSAFE_FILE_NAME');
    return posix.join(root, path);
  };
  const look = (place: string): Promise<Attributes> => session.call<Attributes>((sftp, done) => sftp.lstat(place, done));
  const isThere = async (place: string): Promise<boolean> => {
    try {
      await look(place);
      return true;
    } catch (error) {
      if ((error as { code?: unknown }).code === sftpStatus.noSuchFile) return false;
      throw error;
    }
  };
  const isSame = async (file: FoundFile): Promise<boolean> => foundOf(file.path, await look(placeOf(file.path))).version === file.version;
  const checkSame = async (file: FoundFile): Promise<void> => {
    if (!(await isSame(file))) throw as('SOURCE_FILE_CHANGED');
  };
  const makeDirectories = async (place: string): Promise<void> => {
    if (await isThere(place)) return;
    await makeDirectories(posix.dirname(place));
    try {
      await session.call<void>((sftp, done) => sftp.mkdir(place, (error) => done(error, undefined)));
    } catch (error) {
      // Another file of ours made it in the meantime; the protocol says no more than that it failed.
      if (!(await isThere(place))) throw error;
    }
  };

  async function* listBelow(below: string, depth: number, pattern: PathPattern): AsyncGenerator<FoundFile> {
    const entries = await ofRoot(() => session.call<FileEntry[]>((sftp, done) => sftp.readdir(posix.join(root, below), done)));
    for (const { filename, attrs } of entries.sort((a, b) => (a.filename < b.filename ? -1 : 1))) {
      const path = below === '' ? filename : `${below}/${filename}`;
      if (path === archive || path === acknowledgements) continue;
      const isFolder = isOf(directory, attrs);
      const isMeant = isFolder ? isSafePath(path) && depth < pattern.depth : isOf(regular, attrs) && pattern.matches(path);
      if (!isMeant) continue;
      if (mayBeLost(filename) && !(await ofRoot(() => isThere(posix.join(root, path)))))
        yield { ...foundOf(path, attrs), isNameLost: true };
      else if (isFolder) yield* listBelow(path, depth + 1, pattern);
      else yield foundOf(path, attrs);
    }
  }

  return {
    name,
    list: (pattern) => listBelow('', 0, matchPattern(pattern)),
    open: (file, offset = 0) =>
      ofFile(async () => {
        const place = placeOf(file.path);
        await checkSame(file);
        const opened = await session.call<OpenedHandle>((sftp, done) =>
          sftp.open(place, 'r', (error, handle) => done(error, { sftp, handle })),
        );
        const bytes = Readable.from(readAhead(opened, { offset, end: file.bytes }), { objectMode: false });
        return guardStream(bytes, { source: name, file, offset, idleMs, isSame: () => ofFile(() => isSame(file)) });
      }),
    archive: (file) =>
      ofFile(async () => {
        const from = placeOf(file.path);
        if (!(await isThere(from))) return;
        await checkSame(file);
        const target = await freeName(posix.join(root, archive, file.path), isThere);
        await makeDirectories(posix.dirname(target));
        await session.call<void>((sftp, done) => sftp.rename(from, target, (error) => done(error, undefined)));
      }),
    put: (path, content) =>
      ofRoot(async () => {
        const target = placeOf(path);
        const draft = posix.join(posix.dirname(target), `.${posix.basename(target)}.part`);
        await makeDirectories(posix.dirname(target));
        await session.call<void>((sftp, done) => sftp.writeFile(draft, content, (error) => done(error, undefined)));
        // The protocol renames to no name that is taken.
        if (await isThere(target)) await session.call<void>((sftp, done) => sftp.unlink(target, (error) => done(error, undefined)));
        await session.call<void>((sftp, done) => sftp.rename(draft, target, (error) => done(error, undefined)));
      }),
    close: async () => session.close(),
  };
}
