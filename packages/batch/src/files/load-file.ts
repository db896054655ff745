import type { FoundFile } from '@vigil/sources';
import { createItemMapper } from '../content/map-items.ts';
import { readItems, type FileItem, type ReadableFile } from '../content/read-items.ts';
import { verifyFile, type Manifest } from '../content/verify-file.ts';
import type { JobCounts, JobPartition, JobResult } from '../job/batch-job.ts';
import type { FileCounts } from './advance-files.ts';
import { createRowReader } from '../load/create-row-reader.ts';
import { fillTable } from '../load/fill-table.ts';
import { fileJobOf } from './file-job.ts';
import type { FileRecord } from './file-record.ts';
import type { FileWork } from './file-work.ts';
import { createFileJudge } from './judge-file.ts';
import { publishFile } from './publish-file.ts';
import { stageFile } from './stage-file.ts';

/** How far a file has come, for whoever tells of it when it comes no further. */
export interface LoadProgress {
  counts: JobCounts;
  manifest: Manifest;
}

/** Items that became records or were there already. */
export const fileCountsOf = ({ read, rejected }: Pick<JobCounts, 'read' | 'rejected'>): FileCounts => ({
  read,
  rejected,
  ok: read - rejected,
});

/**
 * Takes a claimed file to where its records belong: copied, verified, judged, published or put into its table.
 *
 * @returns `duplicate`, `postponed`: nothing of it was published, as another file has its content
 * @throws VigilError of the file (poison), of source, disk, database or broker, FENCED where another attempt has it
 */
export async function loadFile(
  record: FileRecord,
  found: FoundFile,
  work: FileWork & { readonly progress: LoadProgress },
): Promise<JobResult | 'duplicate' | 'postponed'> {
  const { source, feed, holder, ledger, signal, rules, job, onAcknowledgement, progress } = work;
  const { fileId, epoch } = record;
  const staged = await stageFile(source, found, { directory: work.stagingDirectory, name: `${fileId}.${epoch}`, signal });
  const taken = await ledger.advance(record, { event: 'staged', sha256: staged.sha256, bytes: staged.bytes });
  if (taken.state === 'DUPLICATE') return 'duplicate';
  if (taken.state === 'STABLE') return 'postponed';
  // Acknowledgements are told of when the items are published, not each time that they are read.
  const quietly = { feed, nowMs: job.clock.now() };
  const options = { ...quietly, ...(onAcknowledgement && { onAcknowledgement }) };
  const readable: ReadableFile = await verifyFile({ ...staged, fileId }, options, progress.manifest);
  await ledger.advance(record, { event: 'verified', recordsExpected: progress.manifest.records ?? null });
  const reader = work.target && createRowReader(work.target.columns);
  const createMapper = () => reader?.map ?? createItemMapper(feed.content, { ...rules, source: source.name, fileId });
  const judge = createFileJudge(work, { found, createMapper, readAll: () => readItems(readable, quietly, null) });
  await judge.before(taken);
  const partition: JobPartition<FileItem> = {
    // A position counts items of one content: what another one under the same name and time left behind is not gone on from.
    job: fileJobOf(fileId, staged.sha256),
    partition: 0,
    epoch,
    runId: holder.runId,
    batchId: holder.batchId,
    task: holder.task,
    read: (position) => {
      judge.beganAt(position);
      return readItems(readable, options, position);
    },
  };
  const onCounts = (counts: JobCounts): void => void (progress.counts = counts);
  const ready = { record, partition, judge, onCounts };
  const result = reader && work.target ? await fillTable(ready, { reader, target: work.target, work }) : await publishFile(ready, work);
  await judge.after(taken);
  await ledger.advance(record, { event: 'loaded', counts: fileCountsOf(result) });
  return result;
}
