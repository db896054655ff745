import { join } from 'node:path';
import { rm } from 'node:fs/promises';
import { isVigilError, type ErrorCode, type VigilError } from '@vigil/core';
import type { FoundFile } from '@vigil/sources';
import type { JobCounts, JobResult } from '../job/batch-job.ts';
import { archiveFile } from './archive-file.ts';
import type { FileRecord } from './file-record.ts';
import type { FileWork } from './file-work.ts';
import { fileCountsOf, loadFile, type LoadProgress } from './load-file.ts';
import { readManifest } from './read-manifest.ts';
import { isChanged } from './source-changes.ts';

export type FileOutcome =
  | { readonly kind: 'loaded'; readonly result: JobResult }
  | { readonly kind: 'duplicate' }
  /** Another file with its content is under way: what becomes of that one decides. */
  | { readonly kind: 'postponed' }
  | { readonly kind: 'quarantined'; readonly code: ErrorCode; readonly result: JobCounts }
  /** Not the file that was listed any more: the next run sees it anew. */
  | { readonly kind: 'changed' }
  /** Somebody else's by now, or a person's. */
  | { readonly kind: 'lost' };

/** Failures that are the file's own: for a person, the other files go on. */
const ofTheFile: ReadonlySet<string> = new Set<ErrorCode>(['BAD_ARCHIVE', 'UNREADABLE_FILE', 'JOB_SKIP_LIMIT']);
const isOfTheFile = (error: unknown): error is VigilError => isVigilError(error) && (error.kind === 'poison' || ofTheFile.has(error.code));

type FileToProcess = FileWork & { readonly companions: ReadonlyMap<string, FoundFile> };

async function takeToItsEnd(record: FileRecord, found: FoundFile, work: FileToProcess): Promise<FileOutcome> {
  const { ledger, companions } = work;
  const progress: LoadProgress = { counts: { read: 0, written: 0, rejected: 0, skipped: 0 }, manifest: {} };
  try {
    progress.manifest = await readManifest(work, found.path, companions);
    const result = await loadFile(record, found, { ...work, progress });
    if (result === 'postponed') return { kind: 'postponed' };
    const isDuplicate = result === 'duplicate';
    await archiveFile(work, { found, record: { ...record, state: isDuplicate ? 'DUPLICATE' : 'LOADED' } }, companions);
    return isDuplicate ? { kind: 'duplicate' } : { kind: 'loaded', result };
  } catch (error) {
    if (isOfTheFile(error)) {
      const detail = error.message.slice(0, 500);
      await ledger.advance(record, { event: 'quarantined', code: error.code, detail, counts: fileCountsOf(progress.counts) });
      return { kind: 'quarantined', code: error.code, result: progress.counts };
    }
    if (!isChanged(error)) throw error;
    await ledger.advance(record, { event: 'released' });
    return { kind: 'changed' };
  }
}

/**
 * Takes one claimed file to its end: staged, verified, loaded, archived. What is wrong with the file itself sends it to
 * quarantine; what is wrong around it (source, disk, broker) is thrown, and another attempt takes it up again.
 *
 * @throws VigilError of source, disk, database or broker
 */
export async function processFile(record: FileRecord, found: FoundFile, work: FileToProcess): Promise<FileOutcome> {
  try {
    return await takeToItsEnd(record, found, work);
  } catch (error) {
    if (isVigilError(error) && error.code === 'FENCED') return { kind: 'lost' };
    throw error;
  } finally {
    await rm(join(work.stagingDirectory, `${record.fileId}.${record.epoch}`), { force: true });
  }
}
