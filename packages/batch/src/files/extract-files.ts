import type { KafkaClient, TopicDescription } from '@vigil/kafka';
import { createGather } from '../gather/create-gather.ts';
import type { JobCounts } from '../job/batch-job.ts';
import { openSharedProducer } from '../job/shared-producer.ts';
import { archiveFile } from './archive-file.ts';
import type { FileRecord } from './file-record.ts';
import type { FileWork } from './file-work.ts';
import { findReadyFiles, type FoundFiles, type ReadyFile } from './find-ready-files.ts';
import { processFile, type FileOutcome } from './process-file.ts';

export interface ExtractRequest extends Omit<FileWork, 'shared'> {
  /** Glob of the files that are meant. */
  readonly pattern: string;
  readonly pollMs: number;
  /** Files that are under way at once. */
  readonly atOnce: number;
  /** After each file. */
  readonly progress: (counts: FilesCounts) => void;
}

export interface FilesCounts extends JobCounts {
  readonly files: number;
  readonly duplicates: number;
  readonly quarantined: number;
  /** Not whole yet, changed while they were read, or with the content of one that another attempt has: left to the next run. */
  readonly waiting: number;
}

export interface ExtractResult {
  readonly counts: FilesCounts;
  /** The first of those that were loaded. */
  readonly fileIds: readonly string[];
  readonly quarantinedIds: readonly string[];
  /** Of those in quarantine: below their limit of quality, so that a person may accept them. */
  readonly heldIds: readonly string[];
}

const mostIds = 500;

type Tally = ReturnType<typeof createTally>;

function createTally(progress: ExtractRequest['progress']) {
  let counts: FilesCounts = { files: 0, read: 0, written: 0, rejected: 0, skipped: 0, duplicates: 0, quarantined: 0, waiting: 0 };
  const fileIds: string[] = [];
  const quarantinedIds: string[] = [];
  const heldIds: string[] = [];
  const add = (more: Partial<FilesCounts>): void => {
    const sums = Object.entries(more).map(([name, value]) => [name, counts[name as keyof FilesCounts] + value]);
    counts = { ...counts, ...(Object.fromEntries(sums) as Partial<FilesCounts>) };
    progress(counts);
  };
  const note = (ids: string[], id: string): void => void (ids.length < mostIds && ids.push(id));
  const recordsOf = ({ read, written, rejected, skipped }: JobCounts): JobCounts => ({ read, written, rejected, skipped });
  return {
    add,
    take(fileId: string, outcome: FileOutcome): void {
      switch (outcome.kind) {
        case 'loaded':
          note(fileIds, fileId);
          return add({ files: 1, ...recordsOf(outcome.result) });
        case 'quarantined':
          note(quarantinedIds, fileId);
          if (outcome.code === 'QUALITY_BELOW_LIMIT') note(heldIds, fileId);
          return add({ quarantined: 1, ...recordsOf(outcome.result) });
        case 'duplicate':
          return add({ duplicates: 1 });
        case 'changed':
        case 'postponed':
          return add({ waiting: 1 });
        case 'lost':
          return;
      }
    },
    result: (): ExtractResult => ({ counts, fileIds, quarantinedIds, heldIds }),
  };
}

/** Works through the items, so many at once; the first failure stops what has not begun and is thrown once the others ended. */
async function eachAtOnce<Item>(items: readonly Item[], atOnce: number, work: (item: Item) => Promise<void>): Promise<void> {
  let next = 0;
  const failures: unknown[] = [];
  const lane = async (): Promise<void> => {
    while (next < items.length && failures.length === 0) {
      try {
        await work(items[next++] as Item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  if (failures.length > 0) throw failures[0];
}

/** Asks the broker once for what does not change while files are loaded. */
function withMemo(client: KafkaClient): KafkaClient {
  const asked = new Map<string, Promise<readonly TopicDescription[]>>();
  const describeTopics = (names: readonly string[]): Promise<readonly TopicDescription[]> =>
    asked.getOrInsertComputed(names.join(), () => client.admin.describeTopics(names));
  return { ...client, admin: { ...client.admin, describeTopics } };
}

/** Files up to here share transactions: of a larger one a transaction of its own costs little beside reading it. */
const mostSharedBytes = 1024 * 1024;

/** Claims what is asked for: a handful at a time, so that another attempt may take what this one has not begun. */
function createClaimer({ ledger, holder, shared, atOnce }: FileWork & Pick<ExtractRequest, 'atOnce'>) {
  const claimSmall = createGather<string, FileRecord | undefined>({
    most: atOnce,
    work: async (ids) => {
      const claimed = new Map((await ledger.claim(ids, holder, shared.id())).map((record) => [record.fileId, record]));
      return ids.map((id) => claimed.get(id));
    },
  });
  return async (id: string, { found }: ReadyFile): Promise<FileRecord | undefined> =>
    found.bytes <= mostSharedBytes ? claimSmall(id) : (await ledger.claim([id], holder))[0];
}

/** Loads files that are whole. */
async function loadFiles(work: FileWork & ExtractRequest, { ready, companions }: FoundFiles, tally: Tally): Promise<void> {
  const { signal, atOnce } = work;
  const claim = createClaimer(work);
  const byId = new Map(ready.map((file) => [file.record.fileId, file]));
  const take = async (id: string): Promise<FileOutcome> => {
    signal.throwIfAborted();
    const file = byId.get(id) as ReadyFile;
    const record = await claim(id, file);
    return record ? processFile(record, file.found, { ...work, companions }) : { kind: 'lost' };
  };
  const postponed: string[] = [];
  await eachAtOnce([...byId.keys()], atOnce, async (id) => {
    const outcome = await take(id);
    if (outcome.kind === 'postponed') postponed.push(id);
    else tally.take(id, outcome);
  });
  // One at a time: of those with one content the first is decided before the next.
  await eachAtOnce(postponed, 1, async (id) => tally.take(id, await take(id)));
}

/**
 * Loads the files of a source that match and are whole, each once: list, settle, claim, stage, verify, load, archive.
 *
 * @returns what was done; files in quarantine are told, not thrown
 * @throws VigilError of source, disk, database or broker; what is loaded by then stays so, the next attempt goes on
 */
export async function extractFiles(request: ExtractRequest): Promise<ExtractResult> {
  const { ledger, holder, signal, atOnce } = request;
  const found = await findReadyFiles(ledger, request);
  const tally = createTally(request.progress);
  tally.add({ waiting: found.waiting, quarantined: found.quarantined });
  await eachAtOnce(found.loaded, atOnce, (file) => archiveFile(request, file, found.companions));
  const job = { ...request.job, client: withMemo(request.job.client) };
  const name = `batch.files.${holder.runId}.${holder.task}.${holder.part}.${holder.epoch}`;
  const shared = openSharedProducer({ client: job.client, name, signal, yieldToLive: job.yieldToLive });
  try {
    await loadFiles({ ...request, job, shared }, found, tally);
    return tally.result();
  } finally {
    await shared.close();
  }
}
