import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createFileLedger,
  createOutputBook,
  extractFiles,
  feedOfSource,
  openCheckpoints,
  type ExtractRequest,
  type ExtractResult,
} from '@vigil/batch';
import { systemClock } from '@vigil/core';
import { createRegistry } from '@vigil/kafka';
import { createPool } from '@vigil/postgres';
import type { FileSource, FileSourceDefinition } from '@vigil/sources';
import type { BenchHome } from '../measure/bench-home.ts';

/** What a round asks for beside what all of them have in common. */
export type ExtractionOrder = Pick<ExtractRequest, 'pattern' | 'atOnce'> & Partial<ExtractRequest>;

/** One attempt of a task on a stack of its own, as the executor of a worker opens it. */
export interface Extraction {
  run(order: ExtractionOrder): Promise<ExtractResult>;
  close(): Promise<void>;
}

/** A source whose writers rename what is whole. */
export const benchDefinition = (form: Pick<FileSourceDefinition, 'records' | 'format'>): FileSourceDefinition => ({
  ...form,
  kind: 'local',
  address: { env: 'UNUSED' },
  archive: 'archive',
  ready: { rule: 'rename' },
  poll: 1000,
  encoding: 'utf-8',
  delimiter: ',',
});

export function openExtraction({ env, client }: BenchHome, source: FileSource, definition: FileSourceDefinition): Extraction {
  const pool = createPool({ url: env.databaseUrl, applicationName: 'vigil-bench' });
  const registry = createRegistry({ url: env.schemaRegistryUrl });
  const checkpoints = openCheckpoints({ client, registry });
  const stagingDirectory = mkdtempSync(join(tmpdir(), 'vigil-bench-staging-'));
  const key = { id: 'bench', secret: randomBytes(32) };
  return {
    run: (order) =>
      extractFiles({
        source,
        feed: feedOfSource(source.name, definition),
        pollMs: definition.poll,
        holder: { runId: randomUUID(), batchId: 'bench', task: 'extract', part: 0, epoch: 1 },
        rules: { tokenKey: key, dataKey: key, random: randomBytes, startedAtMs: systemClock.now() },
        skipLimit: null,
        traceparent: null,
        signal: new AbortController().signal,
        ledger: createFileLedger(pool),
        outputs: createOutputBook(pool),
        job: { client, registry, clock: systemClock, checkpoints },
        stagingDirectory,
        progress: () => {},
        ...order,
      }),
    async close() {
      await checkpoints.close();
      await pool.end();
      rmSync(stagingDirectory, { recursive: true });
    },
  };
}
