import { fileURLToPath } from 'node:url';
import { beforeEach, expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { partitionOf } from '@vigil/kafka';
import { createMemoryFleet, type MemoryFleet } from '../../test-support/memory-fleet.ts';
import { identifyQueue, walkQueue } from '../dlq/walk-queue.ts';
import { loadReference } from './load-reference.ts';
import { readDirectory } from './read-directory.ts';
import type { ReadRecords } from './reference-record.ts';

const shipped = fileURLToPath(new URL('../../../../infra/reference', import.meta.url));
const key = { id: 't1', secret: Buffer.alloc(32, 1) };
let fleet: MemoryFleet;
let read: ReadRecords;

beforeEach(async () => {
  fleet = createMemoryFleet();
  read = await readDirectory(shipped, key);
});

async function recordsOf(topic: string) {
  const found: { readonly partition: number; readonly key: string }[] = [];
  await walkQueue(fleet.client, await identifyQueue(fleet.client, topic), (partition, records) => {
    for (const record of records) found.push({ partition, key: String(record.key) });
  });
  return found;
}
const countAll = async (): Promise<number> => {
  const all = await Promise.all([...new Set(read.records.map(({ topic }) => topic.name))].map(recordsOf));
  return all.reduce((sum, records) => sum + records.length, 0);
};
const published = (loaded: Awaited<ReturnType<typeof loadReference>>): number => loaded.reduce((sum, each) => sum + each.published, 0);

test('every row is published once; the same rows again publish nothing', async () => {
  expect(published(await loadReference(read, null, fleet))).toBe(read.records.length);
  const again = await loadReference(read, null, fleet);

  expect(published(again)).toBe(0);
  expect(again.every(({ rows, unchanged }) => rows === unchanged)).toBe(true);
  expect(await countAll()).toBe(read.records.length);
});

test('members lie where their policy lies, the others on the one partition of their topic', async () => {
  await loadReference(read, null, fleet);

  const members = await recordsOf(topics.memberChanged.name);
  expect(members.length).toBeGreaterThan(30);
  for (const { partition, key: own } of members) expect(partition).toBe(partitionOf(Buffer.from(own.split('|')[0] as string), 2));
  expect((await recordsOf(topics.planChanged.name)).map((record) => record.key)).toEqual(['PPO|2020-01-01|1', 'MEDB|2020-01-01|1']);
});

test('where one row is bad, none is published', async () => {
  const bad = { ...read, problems: [{ file: 'codes.csv', line: 7, column: 'code', reason: 'missing' }] };

  await expect(loadReference(bad, null, fleet)).rejects.toMatchObject({
    code: 'BAD_REFERENCE_DATA',
    message: expect.stringContaining('codes.csv:7 code: missing'),
  });
  expect(await countAll()).toBe(0);
});

test('a row that was changed without a new version stops the whole load', async () => {
  await loadReference(read, null, fleet);
  const [first, ...rest] = read.records;
  const changed = { records: [{ ...first!, value: { ...first!.value, description: 'other' } }, ...rest], problems: [] };

  await expect(loadReference(changed, null, fleet)).rejects.toThrow(/changed without a new version/);
});

test('a member’s versions ascend, too', async () => {
  await loadReference(read, null, fleet);
  const two = read.records.find(({ topic, version }) => topic === topics.memberChanged && version === 2)!;
  const three = { ...two, version: 3, key: `${two.entity}|3` };

  expect(published(await loadReference({ records: [three], problems: [] }, null, fleet))).toBe(1);
  const late = { ...two, value: { ...two.value, sex: 'other' }, key: two.key };
  await expect(loadReference({ records: [late], problems: [] }, null, fleet)).rejects.toThrow(/changed without a new version/);
});

test('what begins after a day is left out until it is loaded for a later one', async () => {
  const asOf = Date.UTC(2024, 11, 31) / 86_400_000;
  const early = await loadReference(read, asOf, fleet);
  // The one price of 2025.
  expect(early.find(({ topic }) => topic === topics.feeScheduleChanged.name)).toMatchObject({ later: 1 });

  expect(published(await loadReference(read, asOf + 1, fleet))).toBe(1);
});

test('a row that was withdrawn from its topic by hand is published again', async () => {
  await loadReference(read, null, fleet);
  const plan = read.records.find(({ topic }) => topic === topics.planChanged)!;
  const producer = await fleet.client.openIdempotentProducer();
  await producer.send([{ topic: plan.topic.name, partition: 0, key: Buffer.from(plan.key), value: null, headers: [], timestamp: null }]);

  expect(published(await loadReference(read, null, fleet))).toBe(1);
});
