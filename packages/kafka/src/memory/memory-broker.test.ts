import { expect, test } from '@jest/globals';
import { createVirtualClock } from '../engine/engine-clock.ts';
import type { ProducedRecord } from '../ports/kafka-client.ts';
import { createMemoryBroker } from './memory-broker.ts';

const place = { topic: 't', partition: 0 };
const aRecord = (key: string | null, value: string | null): ProducedRecord => ({
  ...place,
  key: key === null ? null : Buffer.from(key),
  value: value === null ? null : Buffer.from(value),
  headers: [],
  timestamp: null,
});
const aBroker = () => {
  const clock = createVirtualClock(0);
  const broker = createMemoryBroker({ clock });
  broker.createTopic('t', 1);
  return { clock, broker, client: broker.connect() };
};

test('compaction keeps the last of each key and leaves gaps that a reader passes', async () => {
  const { broker, client } = aBroker();
  const producer = await client.openIdempotentProducer();
  await producer.send([aRecord('a', '1'), aRecord('b', '2'), aRecord('a', '3'), aRecord(null, 'kept'), aRecord('b', null)]);
  broker.log(place).compact();
  const { records, nextOffset } = broker.log(place).read(0, 10);

  expect(records.map(({ offset, value }) => [offset, value?.toString()])).toEqual([
    [2, '3'],
    [3, 'kept'],
    [4, undefined],
  ]);
  expect(nextOffset).toBe(5);
  await producer.close();
});

test('what is open or aborted is no reason to compact anything', async () => {
  const { broker, client } = aBroker();
  const plain = await client.openIdempotentProducer();
  const producer = await client.openTransactionalProducer({ transactionalId: 'x', transactionTimeoutMs: 100 });
  await producer.fence();
  await plain.send([aRecord('a', 'old')]);
  await producer.begin();
  await producer.send([aRecord('a', 'aborted')]);
  broker.log(place).compact();
  await producer.abort();
  broker.log(place).compact();

  expect(
    broker
      .log(place)
      .read(0, 10)
      .records.map(({ value }) => value?.toString()),
  ).toEqual(['old']);
});

test('a transaction that hangs beyond its time-out is aborted and its producer fenced', async () => {
  const { clock, client, broker } = aBroker();
  const producer = await client.openTransactionalProducer({ transactionalId: 'x', transactionTimeoutMs: 100 });
  await producer.fence();
  await producer.begin();
  await producer.send([aRecord('a', 'hung')]);
  clock.advance(101);
  expect(await client.admin.stableOffsets('t')).toEqual([2]);
  await expect(producer.commit()).rejects.toMatchObject({ code: 'FENCED' });
  expect(broker.log(place).read(0, 10)).toEqual({ records: [], nextOffset: 2 });
});

test('a producer without transaction refuses to commit, a reader sees what was deleted', async () => {
  const { client, broker } = aBroker();
  const producer = await client.openTransactionalProducer({ transactionalId: 'x', transactionTimeoutMs: 100 });
  await producer.fence();
  await expect(producer.commit()).rejects.toThrow('no transaction');
  await (await client.openIdempotentProducer()).send([aRecord('a', '1'), aRecord('a', '2')]);
  broker.log(place).deleteBefore(1);
  const fetcher = await client.openFetcher();
  fetcher.assign(place, 0);
  await expect(fetcher.poll(0)).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
  fetcher.pause({ topic: 'other', partition: 9 });
  fetcher.resume({ topic: 'other', partition: 9 });
  await expect(client.admin.stableOffsets('missing')).rejects.toMatchObject({ code: 'TOPIC_MISSING' });
});

test('a poll waits for news, for its time, and not where the clock cannot call back', async () => {
  const { clock, client } = aBroker();
  const fetcher = await client.openFetcher();
  fetcher.assign(place, 0);
  const waiting = fetcher.poll(50);
  await Promise.resolve();
  clock.advance(50);
  expect(await waiting).toMatchObject([{ records: [] }]);
  const news = fetcher.poll(1_000);
  await (await client.openIdempotentProducer()).send([aRecord('a', '1')]);
  expect((await news)[0]?.records).toHaveLength(1);
  const timeless = createMemoryBroker({ clock: { now: () => 0 } });
  timeless.createTopic('t', 1);
  const other = await timeless.connect().openFetcher();
  other.assign(place, 0);
  expect(await other.poll(1_000)).toHaveLength(1);
});

test('coordinators that moved are asked anew, know nothing until they have loaded, and then everything', async () => {
  const { clock, broker, client } = aBroker();
  const producer = await client.openTransactionalProducer({ transactionalId: 'x', transactionTimeoutMs: 60_000 });
  await producer.fence();
  await producer.begin();
  await producer.send([aRecord('a', '1')]);
  broker.moveCoordinators(500);

  await expect(producer.sendPositions('g', [{ ...place, offset: 7, metadata: '' }])).rejects.toMatchObject({ type: 'NOT_COORDINATOR' });
  await expect(producer.commit()).rejects.toMatchObject({ type: 'COORDINATOR_LOAD_IN_PROGRESS' });
  await expect(client.admin.committed('g', ['t'])).rejects.toMatchObject({ type: 'COORDINATOR_LOAD_IN_PROGRESS' });
  clock.advance(500);
  await producer.sendPositions('g', [{ ...place, offset: 7, metadata: '' }]);
  await producer.commit();

  expect(await client.admin.committed('g', ['t'])).toEqual([{ ...place, offset: 7, metadata: '' }]);
  expect(broker.log(place).read(0, 10).records).toHaveLength(1);
});

test('a request that comes twice is carried out once, also when its transaction has ended', async () => {
  const { broker, client } = aBroker();
  const plain = await client.openIdempotentProducer();
  const request = [aRecord('a', '1')];
  await plain.send(request);
  await plain.send(request);
  await plain.send([aRecord('a', '1')]);
  const producer = await client.openTransactionalProducer({ transactionalId: 'x', transactionTimeoutMs: 60_000 });
  await producer.fence();
  await producer.begin();
  const inTransaction = [aRecord('b', '2')];
  await producer.send(inTransaction);
  await producer.commit();
  await producer.send(inTransaction);

  expect(
    broker
      .log(place)
      .read(0, 10)
      .records.map(({ value }) => value?.toString()),
  ).toEqual(['1', '1', '2']);
});

test('whoever begins anew while markers are written is told so when it takes too long', async () => {
  const clock = createVirtualClock(0);
  const broker = createMemoryBroker({ clock, markerDelayMs: () => 5_000 });
  broker.createTopic('t', 1);
  const producer = await broker.connect().openTransactionalProducer({ transactionalId: 'x', transactionTimeoutMs: 60_000 });
  await producer.fence();
  await producer.begin();
  await producer.send([aRecord('a', '1')]);
  await producer.commit();
  await producer.begin();
  const refused = expect(producer.send([aRecord('a', '2')])).rejects.toMatchObject({ type: 'CONCURRENT_TRANSACTIONS' });
  await new Promise((resolve) => void setImmediate(resolve));
  clock.advance(1_000);

  await refused;
});
