import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { VigilError, type ErrorCode } from '@vigil/core';
import type { FileSource, FoundFile } from './file-source.ts';
import { freeName } from './free-name.ts';
import { guardStream } from './guard-stream.ts';
import { matchPattern } from './match-pattern.ts';
import { readListing } from './read-listing.ts';
import { createS3Calls, type S3Waiting } from './s3-calls.ts';
import { isSafePath } from './safe-path.ts';
import { usualArchive, usualIdleMs, type S3Options } from './source-options.ts';

/** Files of a bucket. An object is whole or not there, and its ETag pins what is read: no byte of another version gets in. */
export function openS3(options: S3Options, waiting?: S3Waiting): FileSource {
  const { name, bucket, prefix = '', archive = usualArchive, acknowledgements, idleMs = usualIdleMs } = options;
  const call = createS3Calls(options, waiting);
  const as = (code: ErrorCode, cause?: unknown): VigilError => new VigilError(code, { detail: `Source ${name}.`, cause });
  const keyOf = (path: string): string => {
    if (!isSafePath(path)) throw as('UNSAFE_FILE_NAME');
    return prefix + path;
  };
  const checkStatus = (status: number): void => {
    if (status === 404) throw as('SOURCE_FILE_GONE');
    if (status === 412) throw as('SOURCE_FILE_CHANGED');
  };
  const ours = [archive, ...(acknowledgements === undefined ? [] : [acknowledgements])];
  const isOurs = (path: string): boolean => ours.some((folder) => path.startsWith(`${folder}/`));
  const isThere = async (key: string): Promise<boolean> => (await call({ method: 'HEAD', key })).status === 200;

  async function* readRange(file: FoundFile, offset: number): AsyncGenerator<Buffer> {
    // A range that begins at the end is an error to the server.
    if (offset >= file.bytes) return;
    const range = offset === 0 ? {} : { range: `bytes=${offset}-` };
    const answer = await call({ key: keyOf(file.path), headers: { 'if-match': `"${file.version}"`, ...range } });
    checkStatus(answer.status);
    if (answer.status !== (offset === 0 ? 200 : 206) || answer.body === null) throw as('SOURCE_AWAY');
    try {
      for await (const chunk of answer.body as ReadableStream<Uint8Array>)
        yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    } catch (cause) {
      throw as('SOURCE_AWAY', cause);
    }
  }

  return {
    name,
    async *list(pattern) {
      const { matches } = matchPattern(pattern);
      let next: string | null = '';
      while (next !== null) {
        const continued: Record<string, string> = next === '' ? {} : { 'continuation-token': next };
        const answer = await call({ query: { 'list-type': '2', prefix, ...continued } });
        // A bucket that is not there: nothing can come of asking on.
        if (answer.status !== 200) throw as('SOURCE_DENIED');
        const page = readListing(await answer.text(), prefix);
        for (const file of page.files) if (!isOurs(file.path) && matches(file.path)) yield file;
        next = page.next;
      }
    },
    open: async (file, offset = 0) => {
      keyOf(file.path);
      const bytes = Readable.from(readRange(file, offset), { objectMode: false });
      return guardStream(bytes, { source: name, file, offset, idleMs, isSame: async () => true });
    },
    async archive(file) {
      const key = keyOf(file.path);
      if (!(await isThere(key))) return;
      const target = await freeName(`${prefix}${archive}/${file.path}`, isThere);
      const source = `/${[bucket, ...key.split('/')].map(encodeURIComponent).join('/')}`;
      const headers = { 'x-amz-copy-source': source, 'x-amz-copy-source-if-match': `"${file.version}"` };
      const copied = await call({ method: 'PUT', key: target, headers });
      checkStatus(copied.status);
      // A copy that fails while it is made is answered with 200, and an error in the body.
      if (!(await copied.text()).includes('<CopyObjectResult')) throw as('SOURCE_AWAY');
      // Another object that was put there meanwhile stays; a server that knows no conditional deletion takes it as a plain one.
      const removed = await call({ method: 'DELETE', key, headers: { 'if-match': `"${file.version}"` } });
      checkStatus(removed.status);
      await removed.body?.cancel();
    },
    async put(path, content) {
      const answer = await call({ method: 'PUT', key: keyOf(path), body: new Uint8Array(content) });
      await answer.body?.cancel();
      if (answer.status !== 200) throw as('SOURCE_DENIED');
    },
    close: async () => {},
  };
}
