import { join } from 'node:path';
import { rm } from 'node:fs/promises';
import { classifyError, isVigilError, type ErrorCode, VigilError } from '@vigil/core';
import type { FoundFile } from '@vigil/sources';
import { createItemMapper } from '../content/map-items.ts';
import { readItems } from '../content/read-items.ts';
import { parseManifest, verifyFile, type Manifest } from '../content/verify-file.ts';
import type { JobCounts, JobResult } from '../job/batch-job.ts';
import { createRowReader } from '../load/create-row-reader.ts';
import { fillTable } from '../load/fill-table.ts';
import type { FileRecord } from './file-record.ts';
import { fileJobOf } from './file-job.ts';
import type { FileWork } from './file-work.ts';
import { createFileJudge } from './judge-file.ts';
import { companionOf } from './judge-readiness.ts';
import { publishFile } from './publish-file.ts';
import { stageFile } from './stage-file.ts';

export type FileOutcome =
  | { readonly kind: 'loaded'; readonly result: JobResult }
  | { readonly kind: 'duplicate' }
  /** Another file with its content is under way: what becomes of that one decides. */
  | { readonly kind: 'postponed' }
  | {
      readonly kind: 'quarantined';
      readonly code: ErrorCode;
      readonly result: JobCounts;
    }
  /** Not the file that was listed any more: the next run sees it anew. */
  | { readonly kind: 'changed' }
  /** Somebody else's by now, or a person's. */
  | { readonly kind: 'lost' };

const mostManifestBytes = 64 * 1024;

async function readManifest({ source, feed }: FileWork, path: string, companions: ReadonlyMap<string, FoundFile>): Promise<Manifest> {
  const name = feed.readiness.kind === 'manifest' ? companionOf(feed.readiness, path) : null;
  const file = name === null ? undefined : companions.get(name);
  if (!file) return {};
  if (file.bytes > mostManifestBytes) throw new VigilError('BAD_MANIFEST', { detail: 'It is larger than 64 KiB.' });
  const parts: Buffer[] = [];
  for await (const chunk of (await source.open(file)) as AsyncIterable<Buffer>) parts.push(chunk);
  return parseManifest(Buffer.concat(parts).toString('utf8'));
}

/** Failures that are the file's own: for a person, the other files go on. */
const ofTheFile: ReadonlySet<string> = new Set<ErrorCode>(['BAD_ARCHIVE', 'UNREADABLE_FILE', 'JOB_SKIP_LIMIT']);
const isOfTheFile = (error: unknown): error is VigilError => isVigilError(error) && (error.kind === 'poison' || ofTheFile.has(error.code));
const isChanged = (error: unknown): boolean => ['SOURCE_FILE_CHANGED', 'SOURCE_FILE_GONE'].includes(classifyError(error).code);

const noCounts: JobCounts = { read: 0, written: 0, rejected: 0, skipped: 0 };
/** Items that became records or were there already. */
const countsOf = ({ read, rejected }: JobCounts) => ({ read, rejected, ok: read - rejected });

async function loadFile(
  record: FileRecord,
  found: FoundFile,
  work: FileWork,
  progress: { counts: JobCounts; manifest: Manifest },
): Promise<JobResult | 'duplicate' | 'postponed'> {
  const { source, feed, holder, ledger, signal, rules, job } = work;
  const { fileId } = record;
  const staged = await stageFile(source, found, { directory: work.stagingDirectory, name: `${fileId}.${record.epoch}`, signal });
  const taken = await ledger.advance(record, { event: 'staged', sha256: staged.sha256, bytes: staged.bytes });
  if (taken.state === 'DUPLICATE') return 'duplicate';
  if (taken.state === 'STABLE') return 'postponed';
  const options = { feed, nowMs: job.clock.now(), ...(work.onAcknowledgement && { onAcknowledgement: work.onAcknowledgement }) };
  // Told of once, when its items are published.
  const quietly = { feed, nowMs: options.nowMs };
  const readable = await verifyFile({ ...staged, fileId }, options, progress.manifest);
  await ledger.advance(record, { event: 'verified', recordsExpected: progress.manifest.records ?? null });
  const reader = work.target && createRowReader(work.target.columns);
  const createMapper = () => reader?.map ?? createItemMapper(feed.content, { ...rules, source: source.name, fileId });
  const judge = createFileJudge(work, { found, createMapper, readAll: () => readItems(readable, quietly, null) });
  await judge.before(taken);
  const partition = {
    // A position counts items of one content: what another one under the same name and time left behind is not gone on from.
    job: fileJobOf(fileId, staged.sha256),
    partition: 0,
    epoch: record.epoch,
    runId: holder.runId,
    batchId: holder.batchId,
    task: holder.task,
    read: (position: string | null) => {
      judge.beganAt(position);
      return readItems(readable, options, position);
    },
  };
  const onCounts = (counts: JobCounts): void => void (progress.counts = counts);
  const ready = { record, partition, judge, onCounts };
  const result = reader && work.target ? await fillTable(ready, { reader, target: work.target, work }) : await publishFile(ready, work);
  await judge.after(taken);
  await ledger.advance(record, { event: 'loaded', counts: countsOf(result) });
  return result;
}

/** A file that was dealt with goes out of the way; where it cannot, the next run tries again. */
export async function archiveFile(
  { source, ledger, feed }: FileWork,
  { found, record }: { found: FoundFile; record: FileRecord },
  companions: ReadonlyMap<string, FoundFile>,
): Promise<void> {
  try {
    await source.archive(found);
    const companion = companions.get(companionOf(feed.readiness, found.path) ?? '');
    if (companion) await source.archive(companion);
  } catch (error) {
    if (isChanged(error)) return;
    throw error;
  }
  if (record.state === 'LOADED') await ledger.advance(record, { event: 'archived' });
}

/**
 * Takes one claimed file to its end: staged, verified, loaded, archived. What is wrong with the file itself sends it to
 * quarantine; what is wrong around it (source, disk, broker) is thrown, and another attempt takes it up again.
 *
 * @throws VigilError of source, disk, database or broker
 */
export async function processFile(
  record: FileRecord,
  found: FoundFile,
  work: FileWork & { readonly companions: ReadonlyMap<string, FoundFile> },
): Promise<FileOutcome> {
  const { ledger, companions } = work;
  const progress = { counts: noCounts, manifest: {} as Manifest };
  try {
    progress.manifest = await readManifest(work, found.path, companions);
    const result = await loadFile(record, found, work, progress);
    if (result === 'postponed') return { kind: 'postponed' };
    const isDuplicate = result === 'duplicate';
    await archiveFile(work, { found, record: { ...record, state: isDuplicate ? 'DUPLICATE' : 'LOADED' } }, companions);
    return isDuplicate ? { kind: 'duplicate' } : { kind: 'loaded', result };
  } catch (error) {
    if (isOfTheFile(error)) {
      const detail = error.message.slice(0, 500);
      await ledger.advance(record, { event: 'quarantined', code: error.code, detail, counts: countsOf(progress.counts) });
      return { kind: 'quarantined', code: error.code, result: progress.counts };
    }
    if (isChanged(error)) {
      await ledger.advance(record, { event: 'released' });
      return { kind: 'changed' };
    }
    if (isVigilError(error) && error.code === 'FENCED') return { kind: 'lost' };
    throw error;
  } finally {
    await rm(join(work.stagingDirectory, `${record.fileId}.${record.epoch}`), { force: true });
  }
}
