import { expect, test } from '@jest/globals';
import { createMemoryFleet, nowMs } from '../../test-support/memory-fleet.ts';
import { scopedText } from '../commands/ledger.ts';
import { showScope } from './show-scope.ts';

const received = 'vitals.reading.received.v1';
const accepted = 'vitals.reading.accepted.v1';
const closed = 'vitals.window.closed.v1';
const ingested = { stage: 'device-ingest', topic: received, partition: 0, firstOffset: 0, lastOffset: 9, consumed: 10, processed: 10, outputs: { [accepted]: 10 }, committedAt: nowMs }; // prettier-ignore
const windowed = { stage: 'vitals-windowing', topic: accepted, partition: 0, firstOffset: 0, lastOffset: 9, consumed: 10, processed: 10, outputs: { [closed]: 2 }, committedAt: nowMs }; // prettier-ignore

async function fleetWith(...rows: readonly object[]) {
  const fleet = createMemoryFleet();
  const readings = Array.from({ length: 10 }, () => Buffer.from('reading'));
  await fleet.write(received, readings);
  await fleet.write(accepted, readings);
  await fleet.client.admin.commitPositions('device-ingest', [{ topic: received, partition: 0, offset: 10, metadata: '' }]);
  await fleet.client.admin.commitPositions('vitals-windowing', [{ topic: accepted, partition: 0, offset: 10, metadata: '' }]);
  await fleet.report(...rows);
  return { client: fleet.client, registry: fleet.registry, sinkPositions: async () => [] };
}

test('of a topic the readers are shown, with the first offset at which the account breaks and what to do there', async () => {
  const sources = await fleetWith(ingested, { ...windowed, lastOffset: 6, consumed: 7, processed: 7 });
  const scoped = await showScope(sources, { topic: accepted });
  const windowing = scoped.stages.find(({ stage }) => stage === 'vitals-windowing');

  expect(scoped.balanced).toBe(false);
  expect(windowing?.unaccounted).toBe(3);
  expect(scoped.first).toMatchObject([{ stage: 'vitals-windowing', topic: accepted, partition: 0, offset: 7, reason: 'unclaimed' }]);
  expect(scopedText(scoped)).toContain(`vitals-windowing at ${accepted}-0@7: this record was passed over`);
});

test('of a batch only its rows count, and windows, which are made of many batches, owe it nothing', async () => {
  const of = (batchId: string) => (row: object) => ({ ...row, batchId });
  const sources = await fleetWith(...[ingested, windowed].map(of('night')), of('day')({ ...ingested, firstOffset: 10, lastOffset: 19 }), {
    stage: 'deidentifier',
    topic: closed,
    partition: 0,
    firstOffset: 0,
    lastOffset: 0,
    consumed: 1,
    processed: 1,
  });

  expect(await showScope(sources, { batchId: 'night' })).toMatchObject({ balanced: true, stages: [{ consumed: 10 }, { consumed: 10 }] });
  expect((await showScope(sources, { batchId: 'none' })).stages).toEqual([]);
});

test('a batch of which a record got lost between two stages does not balance', async () => {
  const sources = await fleetWith({ ...ingested, batchId: 'b' }, { ...windowed, batchId: 'b', consumed: 9, processed: 9 });

  expect(await showScope(sources, { batchId: 'b' })).toMatchObject({ balanced: false, unaccounted: 1 });
});

test('since a time only rows committed since then count, and only against themselves', async () => {
  const sources = await fleetWith({ ...ingested, committedAt: nowMs - 1 }, windowed);

  expect(await showScope(sources, { sinceMs: nowMs })).toMatchObject({ balanced: true, stages: [{ stage: 'vitals-windowing' }] });
  expect((await showScope(sources, { sinceMs: nowMs - 1 })).stages).toHaveLength(2);
  const odd = await fleetWith({ ...windowed, processed: 8 });
  expect(await showScope(odd, { sinceMs: nowMs })).toMatchObject({ unaccounted: 2, first: [{ offset: 0, reason: 'dispositions' }] });
});

test('what balances has no first break', async () => {
  expect(await showScope(await fleetWith(ingested, windowed), { topic: accepted })).toMatchObject({ first: [] });
});
