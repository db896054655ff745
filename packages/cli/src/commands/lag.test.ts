import { expect, test } from '@jest/globals';
import { clock, createMemoryFleet, nowMs } from '../../test-support/memory-fleet.ts';
import { topics, type LagObserved } from '@vigil/contracts';
import { createValueEncoder, groupTopics, measureLag, measurePositions } from '@vigil/kafka';
import { readObserved } from '../lag/read-observed.ts';
import { lagText, statesText } from './lag.ts';

const received = 'vitals.reading.received.v1';
const deid = 'deid.vitals.reading.accepted.v1';
const noSinks = async () => [];
const some = (count: number): Buffer[] => Array.from({ length: count }, () => Buffer.from('x'));

test('a group that read nothing yet is behind by everything there is, and its oldest record tells for how long', async () => {
  const fleet = createMemoryFleet();
  await fleet.write(received, some(3), { timestamp: nowMs - 5000 });

  const lags = await measureLag({ client: fleet.client, sinkPositions: noSinks, clock });

  expect(lags.filter(({ lagRecords }) => lagRecords > 0)).toEqual([
    { group: 'device-ingest', topic: received, partition: 0, position: 0, end: 3, lagRecords: 3, lagSeconds: 5, state: 'unread' },
    {
      group: 'warehouse-loader.archive',
      topic: received,
      partition: 0,
      position: 0,
      end: 3,
      lagRecords: 3,
      lagSeconds: 5,
      state: 'unread',
    },
  ]);
});

test('groups at different places of one partition are each aged by their own record', async () => {
  const fleet = createMemoryFleet();
  await fleet.write(received, some(1), { timestamp: nowMs - 9000 });
  await fleet.write(received, some(1), { timestamp: nowMs - 2000 });
  await fleet.client.admin.commitPositions('device-ingest', [{ topic: received, partition: 0, offset: 1, metadata: '' }]);

  const lags = await measureLag({ client: fleet.client, sinkPositions: noSinks, clock });

  expect(lags.filter(({ lagRecords }) => lagRecords > 0).map(({ group, lagSeconds, state }) => [group, lagSeconds, state])).toEqual([
    ['device-ingest', 2, 'behind'],
    ['warehouse-loader.archive', 9, 'unread'],
  ]);
});

test('a sink stands where its database says, whatever was copied to Kafka', async () => {
  const fleet = createMemoryFleet();
  await fleet.write(deid, some(4));
  const sink = 'warehouse-loader.warehouse';
  await fleet.client.admin.commitPositions(sink, [{ topic: deid, partition: 0, offset: 1, metadata: '' }]);
  const sinkPositions = async () => [{ sink, topic: deid, partition: 0, nextOffset: 4, epoch: 1 }];

  const positions = await measurePositions({ client: fleet.client, sinkPositions });

  expect(positions.find(({ group, topic, partition }) => group === sink && topic === deid && partition === 0)).toMatchObject({
    position: 4,
    lagRecords: 0,
    state: 'drained',
  });
});

test('a marker that nobody passed yet counts, but has no age', async () => {
  const fleet = createMemoryFleet();
  await fleet.endInMarker(received, 1);

  const lags = await measureLag({ client: fleet.client, sinkPositions: noSinks, clock });

  expect(lags.find(({ group, partition, topic }) => group === 'device-ingest' && topic === received && partition === 1)).toMatchObject({
    position: 0,
    end: 2,
    lagRecords: 2,
    lagSeconds: 0,
  });
});

test('a position that the broker no longer holds is lost, one beyond the end is ahead and has everything before it', async () => {
  const fleet = createMemoryFleet();
  await fleet.write(received, some(5), { timestamp: nowMs - 3000 });
  const at = (offset: number) => [{ topic: received, partition: 0, offset, metadata: '' }];
  await fleet.client.admin.commitPositions('device-ingest', at(1));
  await fleet.client.admin.commitPositions('warehouse-loader.archive', at(9));
  let firstKept = 2;
  const trimmed = {
    ...fleet.client,
    admin: { ...fleet.client.admin, startOffsets: async (topic: string) => (topic === received ? [firstKept, 0] : [0, 0]) },
  };

  let lags = await measureLag({ client: trimmed, sinkPositions: noSinks, clock });
  const of = (name: string) => lags.find(({ group, topic, partition }) => group === name && topic === received && partition === 0);

  expect(of('device-ingest')).toMatchObject({ position: 1, lagRecords: 4, lagSeconds: 3, state: 'lost' });
  expect(of('warehouse-loader.archive')).toMatchObject({ position: 9, lagRecords: 3, lagSeconds: 3, state: 'ahead' });

  firstKept = 5;
  lags = await measureLag({ client: trimmed, sinkPositions: noSinks, clock });
  expect(of('device-ingest')).toMatchObject({ position: 1, lagRecords: 4, lagSeconds: 0, state: 'lost' });
});

test('an empty fleet is drained, and topics that do not exist yet are left out', async () => {
  const fleet = createMemoryFleet({ without: [received] });

  const positions = await measurePositions({ client: fleet.client, sinkPositions: noSinks });

  expect(positions.every(({ state, lagRecords }) => state === 'drained' && lagRecords === 0)).toBe(true);
  expect(positions.some(({ topic }) => topic === received)).toBe(false);
});

test('every group reads its topics and the ways back from its quarantines', () => {
  const own = groupTopics().filter(({ group }) => group === 'alert-router');

  expect(own.map(({ topic }) => topic)).toEqual(
    expect.arrayContaining(['alerts.alert.raised.v1', 'alerts.alert.raised.v1.alert-router.retry']),
  );
});

test('the text has one line per group and topic that is behind or is no way back', () => {
  const lag = { group: 'g', partition: 0, position: 0, end: 2, state: 'behind' } as const;

  const text = lagText([
    { ...lag, topic: 't', lagRecords: 2, lagSeconds: 1 },
    { ...lag, topic: 't', lagRecords: 3, lagSeconds: 4 },
    { ...lag, topic: 't.g.retry', lagRecords: 0, lagSeconds: 0 },
    { ...lag, topic: 'u.g.retry', lagRecords: 1, lagSeconds: 0 },
  ]);

  expect(text.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['g', 't', '5 records', '4.0 s'],
    ['g', 'u.g.retry', '1 records', '0.0 s'],
  ]);
  expect(lagText([])).toBe('no group reads anything yet');
});

const observation = (group: string, more: Partial<LagObserved> = {}): LagObserved => ({
  group,
  state: 'OK',
  lagRecords: 0,
  lagSeconds: 0,
  slope: 0,
  worstTopic: '',
  worstPartition: -1,
  observedAt: nowMs - 2000,
  ...more,
});

test('what the lag observer published is read by name of group', async () => {
  const fleet = createMemoryFleet();
  const { client, registry } = fleet;
  expect(await readObserved(client, registry)).toEqual([]);
  const encode = createValueEncoder(topics.lagObserved.schema, registry.register(topics.lagObserved.schema));
  const [one, other] = [observation('vitals-windowing'), observation('alert-router', { state: 'STOP' })];
  await fleet.write(topics.lagObserved.name, [encode(one), encode(other)]);

  expect(await readObserved(client, registry)).toEqual([other, one]);
});

test('the states are one line a group, with the age of the word and the worst partition', () => {
  const text = statesText([observation('a'), observation('b', { state: 'WARN', slope: -0.5, worstTopic: 't', worstPartition: 3 })], nowMs);

  expect(text.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['OK', 'a', '+0.00 s/s', '2 s ago'],
    ['WARN', 'b', '-0.50 s/s', '2 s ago', 'worst: t partition 3'],
  ]);
  expect(statesText([], nowMs)).toBe('the lag observer published nothing yet');
});
