import { expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { createMemoryBroker } from '../memory/memory-broker.ts';
import type { FetchedBatch, Fetcher, KafkaClient, ProducedRecord } from '../ports/kafka-client.ts';
import { systemEngineClock } from '../engine/engine-clock.ts';
import { bounded } from './bounded.ts';
import { paced } from './paced.ts';
import { runTopicsOf } from './run-names.ts';
import { withRunId } from './with-run-id.ts';

const source = topics.vitalsReadingAccepted.name;
const output = topics.vitalsWindowClosed.name;
const clock = { now: () => Date.now() };

const record = (topic: string, value: string): ProducedRecord => ({
  topic,
  partition: 0,
  key: null,
  value: Buffer.from(value),
  headers: [],
  timestamp: null,
});

function aBroker() {
  const broker = createMemoryBroker({ clock: systemEngineClock });
  for (const name of [source, output, `${output}.r1`]) broker.createTopic(name, 1);
  return broker;
}

async function sendTo(client: KafkaClient, ...records: readonly ProducedRecord[]): Promise<void> {
  const producer = await client.openIdempotentProducer();
  await producer.send(records);
  await producer.close();
}

const textsOf = (batches: readonly FetchedBatch[]): string[] =>
  batches.flatMap(({ records }) => [...records].map(({ value }) => String(value)));

test('a run reads live topics, and everything else is its own', async () => {
  const broker = aBroker();
  const client = broker.connect();
  const run = withRunId(broker.connect(), 'vitals-windowing', 'r1');
  await sendTo(client, record(source, 'live'));
  await sendTo(run, record(output, 'of the run'));

  expect(await run.admin.stableOffsets(source)).toEqual([1]);
  expect(await run.admin.startOffsets(output)).toEqual([0]);
  expect(await client.admin.stableOffsets(output)).toEqual([0]);
  expect(await client.admin.stableOffsets(`${output}.r1`)).toEqual([1]);
  expect([...(await run.admin.listTopics())].sort()).toEqual([output, source].sort());
  expect((await run.admin.describeTopics([output, source])).map(({ name }) => name)).toEqual([output, source]);
  expect(await run.admin.createTopics([{ name: 'state', partitions: 1, replicationFactor: 1, config: {} }])).toEqual(['state']);
  expect(await client.admin.listTopics()).toContain('state.r1');
  await expect(sendTo(run, record(source, 'never'))).rejects.toThrow('never writes');

  const fetcher = await run.openFetcher();
  fetcher.assign({ topic: output, partition: 0 }, 0);
  fetcher.pause({ topic: output, partition: 0 });
  fetcher.resume({ topic: output, partition: 0 });
  const batches = await fetcher.poll(10);
  expect(batches.map(({ topic }) => topic)).toContain(output);
  expect(textsOf(batches)).toEqual(['of the run']);
  fetcher.unassign({ topic: output, partition: 0 });
  await fetcher.close();
  await run.close();
});

test('positions and transactions of a run are its own', async () => {
  const broker = aBroker();
  const client = broker.connect();
  const run = withRunId(broker.connect(), 'vitals-windowing', 'r1');
  const producer = await run.openTransactionalProducer({ transactionalId: 'vitals-windowing.0', transactionTimeoutMs: 1000 });
  await producer.fence();
  await producer.begin();
  await producer.send([record(output, 'x')]);
  await producer.sendPositions('vitals-windowing', [{ topic: source, partition: 0, offset: 7, metadata: '' }]);
  await producer.commit();
  await expect(producer.send([record(source, 'never')])).rejects.toThrow('never writes');

  expect(await run.admin.committed('vitals-windowing', [source])).toMatchObject([{ topic: source, offset: 7 }]);
  expect(await client.admin.committed('vitals-windowing.r1', [source])).toMatchObject([{ offset: 7 }]);
  expect(await client.admin.committed('vitals-windowing', [source])).toMatchObject([{ offset: null }]);
  await run.admin.commitPositions('vitals-windowing', [{ topic: source, partition: 0, offset: 3, metadata: '' }]);
  expect(await client.admin.committed('vitals-windowing.r1', [source])).toMatchObject([{ offset: 3 }]);

  const assigned = Promise.withResolvers<readonly number[]>();
  const listener = { onAssigned: assigned.resolve, onLost: () => undefined, onFatal: () => undefined };
  const member = await run.join({ group: 'vitals-windowing', topics: [source], sessionTimeoutMs: 6000, listener });
  expect(await assigned.promise).toEqual([0]);
  await member.commitPositions([{ topic: source, partition: 0, offset: 5, metadata: '' }]);
  expect(await client.admin.committed('vitals-windowing.r1', [source])).toMatchObject([{ offset: 5 }]);
  await member.leave();
});

test('topics of a run are what its stage writes, keeps state in and quarantines to', () => {
  const names = runTopicsOf('vitals-windowing', 'r1', 4, 1).map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining([`${output}.r1`, `${source}.vitals-windowing.dlq.r1`, 'vitals-windowing.ward.changelog.r1']),
  );
  expect(names).not.toContain(`${source}.r1`);
});

test('a bounded topic ends where it is told to, and its reader stays caught up', async () => {
  const broker = aBroker();
  await sendTo(broker.connect(), ...['a', 'b', 'c', 'd'].map((text) => record(source, text)));
  const client = bounded(broker.connect(), { [source]: [2] });
  const place = { topic: source, partition: 0 };
  expect(await client.admin.stableOffsets(source)).toEqual([2]);
  expect(await client.admin.stableOffsets(output)).toEqual([0]);

  const fetcher = await client.openFetcher();
  fetcher.assign(place, 0);
  expect(textsOf(await fetcher.poll(10))).toEqual(['a', 'b']);
  const [caughtUp] = await fetcher.poll(10);
  expect(caughtUp).toMatchObject({ records: [], nextOffset: 2, lastStableOffset: 2 });
  fetcher.pause(place);
  expect(await fetcher.poll(10)).toEqual([]);
  fetcher.resume(place);
  expect(await fetcher.poll(10)).toHaveLength(1);
  fetcher.assign(place, 1);
  expect(textsOf(await fetcher.poll(10))).toEqual(['b']);
  fetcher.assign(place, 2);
  expect(textsOf(await fetcher.poll(10))).toEqual([]);
  fetcher.unassign(place);
  expect(await fetcher.poll(10)).toEqual([]);
  fetcher.assign({ topic: output, partition: 0 }, 0);
  fetcher.pause({ topic: output, partition: 0 });
  fetcher.resume({ topic: output, partition: 0 });
  expect(textsOf(await fetcher.poll(10))).toEqual([]);
  await fetcher.close();
});

test('a paced reader waits when it read too much, and reads nothing while it must yield', async () => {
  const broker = aBroker();
  await sendTo(broker.connect(), ...['a', 'b'].map((text) => record(source, text)));
  let yields = true;
  const pace = { paced: new Set([source]), askEveryMs: 0, clock, mustYield: () => Promise.resolve(yields) };
  const open = async (recordsPerSecond: number): Promise<Fetcher> => {
    const fetcher = await paced(broker.connect(), { ...pace, recordsPerSecond }).openFetcher();
    fetcher.assign({ topic: source, partition: 0 }, 0);
    return fetcher;
  };
  const slow = await open(0.001);
  expect(await slow.poll(1)).toEqual([]);
  yields = false;
  expect(textsOf(await slow.poll(10))).toEqual(['a', 'b']);
  expect(await slow.poll(1)).toEqual([]);
  const fast = await open(Infinity);
  expect(textsOf(await fast.poll(10))).toEqual(['a', 'b']);
  expect(await fast.poll(1)).toMatchObject([{ records: [] }]);
});
