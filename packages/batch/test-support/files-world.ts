import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Topic } from '@vigil/contracts';
import {
  createMemoryBroker,
  createMemoryRegistry,
  readWhole,
  valueSubjectOf,
  type FetchedRecord,
  type MemoryBroker,
  type MemoryRegistry,
} from '@vigil/kafka';
import { openFileSource, type FileSource } from '@vigil/sources';
import type { TestDatabase } from '@vigil/testing';
import {
  createFileDesk,
  createFileLedger,
  createOutputBook,
  openCheckpoints,
  type ExtractRequest,
  type FileDesk,
  type FileFeed,
} from '../src/index.ts';
import { stillClock } from './still-clock.ts';

export const clock = stillClock(Date.UTC(2026, 10, 26));
export const partitions = 2;
export const key = { id: 'k1', secret: Buffer.alloc(32, 7) };

/** A folder with files, a broker and a registry in memory, and the ledger of files in a database. */
export interface FilesWorld {
  readonly home: string;
  /** The source's folder. */
  readonly root: string;
  readonly source: FileSource;
  readonly broker: MemoryBroker;
  readonly registry: MemoryRegistry;
  readonly desk: FileDesk;
  /** A file that appears whole. */
  put(name: string, content: string | Buffer): void;
  requestOf(feed: FileFeed, over?: Partial<ExtractRequest>): ExtractRequest;
  recordsOf(topic: Topic): Promise<FetchedRecord[]>;
  /** Values as text, sorted. */
  textsOf(topic: Topic): Promise<string[]>;
  close(): void;
}

let sources = 0;

export async function openFilesWorld({ pool }: TestDatabase, used: readonly Topic[]): Promise<FilesWorld> {
  const home = mkdtempSync(join(tmpdir(), 'vigil-files-'));
  const root = join(home, 'in');
  mkdirSync(root);
  const source = openFileSource({ kind: 'folder', name: `source_${sources++}`, root });
  const broker = createMemoryBroker({ clock });
  const registry = createMemoryRegistry();
  for (const topic of used) {
    broker.createTopic(topic.name, partitions);
    await registry.idOf(valueSubjectOf(topic.name), topic.schema);
  }
  const recordsOf = async (topic: Topic): Promise<FetchedRecord[]> => {
    const records: FetchedRecord[] = [];
    const places = Array.from({ length: partitions }, (_, partition) => ({ topic: topic.name, partition }));
    const onRecord = (_place: unknown, record: FetchedRecord): void => void records.push({ ...record, headers: () => record.headers() });
    await readWhole({ client: broker.connect(), places, pollMs: 0, onRecord });
    return records;
  };
  return {
    home,
    root,
    source,
    broker,
    registry,
    desk: createFileDesk(pool),
    put(name, content) {
      writeFileSync(join(root, '.draft'), content);
      renameSync(join(root, '.draft'), join(root, name));
    },
    requestOf: (feed, over = {}) => ({
      source,
      feed,
      pattern: '*',
      pollMs: 5,
      atOnce: 3,
      holder: { runId: randomUUID(), batchId: 'batch-1', task: 'extract', part: 0, epoch: 1 },
      rules: { tokenKey: key, dataKey: key, random: (size) => Buffer.alloc(size, 1), startedAtMs: clock.now() },
      skipLimit: null,
      traceparent: null,
      signal: new AbortController().signal,
      ledger: createFileLedger(pool),
      outputs: createOutputBook(pool),
      job: { client: broker.connect(), registry, clock, checkpoints: openCheckpoints({ client: broker.connect(), registry }) },
      stagingDirectory: join(home, 'staging'),
      progress: () => {},
      ...over,
    }),
    recordsOf,
    textsOf: async (topic) => (await recordsOf(topic)).map(({ value }) => String(value)).sort(),
    close: () => rmSync(home, { recursive: true, force: true }),
  };
}
