import { join } from 'node:path';
import { topics } from '@vigil/contracts';
import { createMemoryBroker, createMemoryRegistry } from '@vigil/kafka';
import type { createPool } from '@vigil/postgres';
import { openFileSource } from '@vigil/sources';
import { createFileLedger, createOutputBook, openCheckpoints, tableTargetOf, type ExtractRequest } from '../src/index.ts';
import { aFeed } from './a-feed.ts';

type Pool = ReturnType<typeof createPool>;

export interface Loading {
  readonly home: string;
  readonly runId: string;
  readonly epoch: number;
  readonly operational: Pool;
  readonly warehouse: Pool;
}

const clock = { now: () => Date.UTC(2026, 10, 26), after: () => () => {} };

/** Code lists below `in` of a folder, renamed once whole, on their way into `warehouse.code_description`. */
export function loadRequest({ home, runId, epoch, operational, warehouse }: Loading, over: Partial<ExtractRequest> = {}): ExtractRequest {
  const broker = createMemoryBroker({ clock });
  broker.createTopic(topics.jobCheckpointed.name, 1);
  const client = broker.connect();
  const registry = createMemoryRegistry();
  const target = tableTargetOf({ destination: 'warehouse.code_description' }, warehouse);
  const feed = aFeed('rows');
  const key = { id: 'k1', secret: Buffer.alloc(32, 7) };
  return {
    source: openFileSource({ kind: 'folder', name: 'code_lists', root: join(home, 'in') }),
    feed: { ...feed, csv: { ...feed.csv, required: target.columns.map(({ from }) => from) } },
    target,
    pattern: 'codes*.csv',
    pollMs: 5,
    atOnce: 2,
    holder: { runId, batchId: 'batch-1', task: 'load_codes', part: 0, epoch },
    rules: { tokenKey: key, dataKey: key, random: (size) => Buffer.alloc(size, 1), startedAtMs: clock.now() },
    skipLimit: null,
    traceparent: null,
    signal: new AbortController().signal,
    ledger: createFileLedger(operational),
    outputs: createOutputBook(operational),
    job: { client, registry, clock, checkpoints: openCheckpoints({ client, registry }) },
    stagingDirectory: join(home, 'staging'),
    progress: () => {},
    ...over,
  };
}
