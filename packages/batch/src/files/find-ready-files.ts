import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { classifyError } from '@vigil/core';
import { isSafePath, type FileSource, type FoundFile } from '@vigil/sources';
import type { FileFeed } from '../content/file-feed.ts';
import type { FileLedger } from './file-ledger.ts';
import type { FileRecord } from './file-record.ts';
import { isStandIn, ledgerPathOf } from './ledger-path.ts';
import { isReady, listFiles, type Listing } from './list-files.ts';
import type { ObservedFile } from './observe-files.ts';

export interface Looking {
  readonly source: FileSource;
  readonly feed: FileFeed;
  readonly pattern: string;
  /** Between two listings, where the rule wants several. */
  readonly pollMs: number;
  readonly signal: AbortSignal;
}

/** A file with what the ledger knows of it. */
export interface ReadyFile {
  readonly found: FoundFile;
  readonly record: FileRecord;
}

export interface FoundFiles {
  /** Whole, or taken by an attempt that may be over: a claim tells. */
  readonly ready: readonly ReadyFile[];
  /** Loaded before and still in the way. */
  readonly loaded: readonly ReadyFile[];
  readonly quarantined: number;
  /** Not whole yet: left to the next run. */
  readonly waiting: number;
  readonly companions: ReadonlyMap<string, FoundFile>;
}

type Refusal = 'FILE_NAME_NOT_UTF8' | 'FILE_PATH_TOO_LONG' | 'UNSAFE_FILE_NAME' | 'FILE_TOO_LARGE';

function refusalOf({ path, bytes, isNameLost }: FoundFile, maxFileBytes: number): Refusal | null {
  if (isNameLost) return 'FILE_NAME_NOT_UTF8';
  if (isStandIn(path)) return 'FILE_PATH_TOO_LONG';
  if (!isSafePath(path)) return 'UNSAFE_FILE_NAME';
  return bytes > maxFileBytes ? 'FILE_TOO_LARGE' : null;
}

/** Names and sizes that are not taken in go to a person at once. */
async function quarantine(ledger: FileLedger, { found, record }: ReadyFile, { maxFileBytes }: FileFeed): Promise<boolean> {
  const code = refusalOf(found, maxFileBytes);
  if (code === null) return false;
  if (record.state === 'DISCOVERED' || record.state === 'STABLE')
    await ledger.advance(record, { event: 'quarantined', code, detail: code === 'FILE_TOO_LARGE' ? `${found.bytes} bytes.` : '' });
  return true;
}

/** Null = it is not the file that was listed any more: the next run sees it anew. */
async function hashOf({ source, signal }: Looking, found: FoundFile): Promise<string | null> {
  const sha256 = createHash('sha256');
  try {
    for await (const chunk of (await source.open(found)) as AsyncIterable<Buffer>) {
      signal.throwIfAborted();
      sha256.update(chunk);
    }
    return sha256.digest('hex');
  } catch (error) {
    if (['SOURCE_FILE_CHANGED', 'SOURCE_FILE_GONE'].includes(classifyError(error).code)) return null;
    throw error;
  }
}

/**
 * What has the name, size and time of a file that was loaded may be another all the same (SFTP tells whole seconds): its
 * hash decides. Another content is a revision of its own, whose version tells the hash.
 */
async function judgeLoaded(
  ledger: FileLedger,
  looking: Looking,
  file: ReadyFile,
): Promise<{ kind: 'loaded' | 'ready' | 'none'; file: ReadyFile }> {
  const { found, record } = file;
  const sha256 = await hashOf(looking, found);
  if (sha256 === null) return { kind: 'none', file };
  if (sha256 === record.sha256) return { kind: 'loaded', file };
  const [again] = await ledger.observe(looking.source.name, [{ ...found, version: `${found.version} ${sha256.slice(0, 16)}` }]);
  if (!again) return { kind: 'none', file };
  if (again.observation.kind === 'loaded') return { kind: 'loaded', file: { found, record: again.record } };
  if (again.observation.kind === 'settled' || again.observation.kind === 'busy') return { kind: 'none', file };
  await ledger.settle([again.record.fileId]);
  return { kind: 'ready', file: { found, record: again.record } };
}

async function look(
  ledger: FileLedger,
  looking: Looking,
  seen: Map<string, ObservedFile>,
): Promise<{ listing: Listing; waiting: number; settled: string[] }> {
  const { source, feed, pattern, pollMs } = looking;
  const listing = await listFiles(source, pattern, feed.readiness);
  const named = listing.files.map((file) => ({ ...file, path: ledgerPathOf(file.path) }));
  const observed = await ledger.observe(source.name, named, pollMs);
  seen.clear();
  const settled: string[] = [];
  let waiting = 0;
  for (const file of observed) {
    seen.set(file.record.fileId, file);
    if (file.observation.kind === 'busy') waiting++;
    if (file.record.state !== 'DISCOVERED') continue;
    if (isReady(feed.readiness, listing, file.record)) settled.push(file.record.fileId);
    else waiting++;
  }
  return { listing, waiting, settled };
}

/**
 * Looks at a source until its files have settled, or as often as the rule asks; what has not is left to the next run.
 *
 * @throws VigilError SOURCE_AWAY, SOURCE_DENIED; of the database
 */
export async function findReadyFiles(ledger: FileLedger, looking: Looking): Promise<FoundFiles> {
  const { feed, pollMs, signal } = looking;
  const seen = new Map<string, ObservedFile>();
  const mostLooks = feed.readiness.kind === 'stable' ? feed.readiness.polls : 1;
  let looked = await look(ledger, looking, seen);
  for (let looks = 1; looks < mostLooks && looked.waiting > 0; looks++) {
    await sleep(pollMs, undefined, { signal });
    looked = await look(ledger, looking, seen);
  }
  const ready: ReadyFile[] = [];
  const loaded: ReadyFile[] = [];
  let quarantined = 0;
  const settled = new Set(looked.settled);
  for (const { found, record, observation } of seen.values()) {
    if (observation.kind === 'loaded') {
      const { kind, file } = await judgeLoaded(ledger, looking, { found, record });
      if (kind === 'loaded') loaded.push(file);
      if (kind === 'ready') ready.push(file);
    } else if (observation.kind !== 'settled' && observation.kind !== 'busy' && (await quarantine(ledger, { found, record }, feed)))
      quarantined++;
    else if (settled.has(record.fileId) || record.state === 'STABLE' || (observation.kind === 'seen' && record.state !== 'DISCOVERED'))
      ready.push({ found, record });
  }
  await ledger.settle(looked.settled);
  return { ready, loaded, quarantined, waiting: looked.waiting, companions: looked.listing.companions };
}
