import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { classifyError, VigilError } from '@vigil/core';
import type { FileSource, FoundFile } from '@vigil/sources';

export interface StagedFile {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

export interface StageOptions {
  readonly directory: string;
  /** Of the copy: an id, never the name that the file came with. */
  readonly name: string;
  readonly signal: AbortSignal;
  /** Before it is gone on from where the source broke off. */
  readonly retryDelayMs?: number;
}

/** So often in a row a source may break off without having given a byte. */
const mostTries = 4;

const diskError = (cause: unknown): unknown =>
  classifyError(cause).code === 'DISK_UNWRITABLE' ? new VigilError('DISK_UNWRITABLE', { detail: 'Staging directory.', cause }) : cause;

/** Whether to go on from where it broke off: the file is the one that was listed, the source was away for a moment. */
const isPassing = (error: unknown): boolean => {
  const { code } = classifyError(error);
  return code === 'SOURCE_AWAY' || code === 'TIMED_OUT';
};

async function writeAll(handle: FileHandle, chunk: Buffer): Promise<void> {
  try {
    await handle.writeFile(chunk);
  } catch (error) {
    throw diskError(error);
  }
}

async function copyWhole(
  source: FileSource,
  file: FoundFile,
  { handle, signal, retryDelayMs = 500 }: StageOptions & { readonly handle: FileHandle },
): Promise<string> {
  const sha256 = createHash('sha256');
  let copied = 0;
  for (let tries = 1; ; tries++) {
    const before = copied;
    try {
      for await (const chunk of (await source.open(file, copied)) as AsyncIterable<Buffer>) {
        signal.throwIfAborted();
        await writeAll(handle, chunk);
        sha256.update(chunk);
        copied += chunk.length;
      }
      return sha256.digest('hex');
    } catch (error) {
      if (copied > before) tries = 1;
      if (!isPassing(error) || tries >= mostTries) throw error;
      await sleep(retryDelayMs * tries, undefined, { signal });
    }
  }
}

/**
 * Copies a file to this side: under another name until it is whole and on the disk, so that a staged file is never half of
 * one. Where the source breaks off it goes on from there, as long as the file is still the one that was listed.
 *
 * @throws VigilError SOURCE_… as the source does, DISK_UNWRITABLE; nothing is left then
 */
export async function stageFile(source: FileSource, file: FoundFile, options: StageOptions): Promise<StagedFile> {
  const { directory, name } = options;
  const [draft, path] = [join(directory, `${name}.part`), join(directory, name)];
  let handle: FileHandle | null = null;
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    handle = await open(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o600);
    const sha256 = await copyWhole(source, file, { ...options, handle });
    await handle.sync();
    await handle.close();
    handle = null;
    await rename(draft, path);
    return { path, sha256, bytes: file.bytes };
  } catch (error) {
    await handle?.close().catch(() => undefined);
    await rm(draft, { force: true }).catch(() => undefined);
    throw diskError(error);
  }
}
