import { expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { createMemoryBroker, createMemoryRegistry, readWhole, valueSubjectOf } from '@vigil/kafka';
import type { SourcedRow, TableSource } from '@vigil/sources';
import { createTableMapper, extractTable, openCheckpoints } from '../index.ts';
import { endProducer } from '../job/run-topic-job.ts';

const clock = {
  now: () => Date.UTC(2026, 10, 26),
  after(delayMs: number, run: () => void) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
const key = { id: 'k1', secret: Buffer.alloc(32, 7) };
const rules = { tokenKey: key, dataKey: key, random: (bytes: number) => Buffer.alloc(bytes, 1), source: 's', fileId: '' };

async function* rows(): AsyncGenerator<SourcedRow> {
  for (const at of [1, 2, 3])
    yield {
      change: 'snapshot',
      row: { trial_id: `T${at}`, patient_id: at === 3 ? 'B' : 'A', enrollment_date: '2024-01-02' },
      position: `${at}`,
      place: `row ${at}`,
      changedAtMs: null,
    };
}
const source: TableSource = { name: 's.trials', read: rows, acknowledge: async () => {}, close: async () => {} };

test('whom rows are about is told again where the transaction that told it was aborted', async () => {
  const broker = createMemoryBroker({ clock });
  const registry = createMemoryRegistry();
  for (const { name, schema } of [topics.outcomeRecorded, topics.identityObserved, topics.itemRejected, topics.jobCheckpointed]) {
    broker.createTopic(name, 1);
    await registry.idOf(valueSubjectOf(name), schema);
  }
  let isEnded = false;
  const client = broker.connect({
    hook: async (operation) => {
      if (operation !== 'commit:before' || isEnded) return;
      isEnded = true;
      await endProducer(broker.connect(), 'batch.table:s.trials.0');
    },
  });
  await extractTable(
    {
      source,
      sourceName: 's',
      share: { part: 0, of: 1 },
      holder: { runId: 'r', batchId: 'b', task: 'extract', epoch: 1 },
      outputs: { note: async () => {} },
      createMap: () => createTableMapper('trial_outcomes', { ...rules, startedAtMs: clock.now() }).map,
      writes: [topics.outcomeRecorded, topics.identityObserved],
      skipLimit: null,
      traceparent: null,
      signal: new AbortController().signal,
      onCommitted: () => {},
    },
    { client, registry, clock, checkpoints: openCheckpoints({ client: broker.connect(), registry }) },
  );
  const count = async (topic: string): Promise<number> => {
    let records = 0;
    await readWhole({ client: broker.connect(), places: [{ topic, partition: 0 }], pollMs: 0, onRecord: () => void records++ });
    return records;
  };
  expect(isEnded).toBe(true);
  expect(await count(topics.outcomeRecorded.name)).toBe(3);
  expect(await count(topics.identityObserved.name)).toBe(2);
});
