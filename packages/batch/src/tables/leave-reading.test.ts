import { expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { systemClock } from '@vigil/core';
import { createMemoryBroker, createMemoryRegistry } from '@vigil/kafka';
import type { SourcedRow, TableSource } from '@vigil/sources';
import { numbersTopic, registerJobSchemas } from '../../test-support/numbered-job.ts';
import { openCheckpoints } from '../index.ts';
import { extractTable } from './extract-table.ts';

const mark: SourcedRow = { change: 'snapshot', row: {}, position: 'due', place: 'no row', changedAtMs: null, isMark: true };

test('a reading that waits for what cannot be made safe is told that it is left', async () => {
  const broker = createMemoryBroker({ clock: systemClock });
  const registry = createMemoryRegistry();
  await registerJobSchemas(registry);
  for (const name of [numbersTopic.name, topics.itemRejected.name, topics.jobCheckpointed.name]) broker.createTopic(name, 1);
  const told = Promise.withResolvers<string>();
  const source: TableSource = {
    name: 'a.b',
    async *read(_, signal) {
      signal.addEventListener('abort', () => told.resolve('left'));
      yield mark;
      await told.promise;
    },
    acknowledge: () => Promise.reject(new Error('the state is away')),
    close: async () => undefined,
  };
  const extraction = extractTable(
    {
      source,
      sourceName: 'a',
      share: { part: 0, of: 1 },
      holder: { epoch: 1, runId: 'r', batchId: 'b' },
      outputs: { note: async () => undefined },
      createMap: () => () => ({ kind: 'skipped' }),
      writes: [numbersTopic],
      skipLimit: null,
      traceparent: null,
      signal: new AbortController().signal,
      onCommitted: () => undefined,
    },
    { client: broker.connect(), registry, clock: systemClock, checkpoints: openCheckpoints({ client: broker.connect(), registry }) },
  );
  await expect(extraction).rejects.toThrow('the state is away');
  expect(await told.promise).toBe('left');
});
