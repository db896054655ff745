import { expect, test } from '@jest/globals';
import type { KafkaClient, TopicPartition, TransactionalProducer } from '../ports/kafka-client.ts';
import { aRecord, eventually, kindOf, readTo, type ContractWorld } from './contract-world.ts';

/** What the engine and batch jobs rely on when work changes hands. Registers its tests in the suite that calls it. */
export function takeoverContract(current: () => { readonly world: ContractWorld; readonly client: KafkaClient }): void {
  const context = () => {
    const { world, client } = current();
    const placeOf = async (): Promise<TopicPartition> => ({ topic: await world.createTopic(), partition: 0 });
    const transactionalProducer = async (
      transactionalId = world.unique('tx'),
      transactionTimeoutMs = 10_000,
    ): Promise<TransactionalProducer> => {
      const producer = await client.openTransactionalProducer({ transactionalId, transactionTimeoutMs });
      await producer.fence();
      return producer;
    };
    return { world, client, placeOf, transactionalProducer };
  };

  test('a fence answers only when what the predecessor committed shows: records, markers and positions', async () => {
    const { world, client, placeOf, transactionalProducer } = context();
    const place = await placeOf();
    const [group, id] = [world.unique('group'), world.unique('task')];
    for (let round = 1; round <= 10; round++) {
      const producer = await transactionalProducer(id);
      const [position] = await client.admin.committed(group, [place.topic]);
      expect(position?.offset).toBe(round === 1 ? null : round - 1);
      // A record and a marker per round.
      expect(await client.admin.stableOffsets(place.topic)).toEqual([(round - 1) * 2]);
      await producer.begin();
      await producer.send([aRecord(place, `round ${round}`)]);
      await producer.sendPositions(group, [{ ...place, offset: round, metadata: '' }]);
      await producer.commit();
      await producer.close();
    }
  });

  test('positions that are sent twice are committed once, the last ones count', async () => {
    const { world, client, placeOf, transactionalProducer } = context();
    const place = await placeOf();
    const group = world.unique('group');
    const producer = await transactionalProducer();
    await producer.begin();
    await producer.sendPositions(group, [{ ...place, offset: 3, metadata: 'first' }]);
    await producer.sendPositions(group, [{ ...place, offset: 4, metadata: 'second' }]);
    await producer.sendPositions(group, [{ ...place, offset: 4, metadata: 'second' }]);
    await producer.commit();

    await eventually(async () => (await client.admin.committed(group, [place.topic]))[0]?.offset !== null, 'the position is in force');
    expect(await client.admin.committed(group, [place.topic])).toEqual([{ ...place, offset: 4, metadata: 'second' }]);
    await producer.close();
  });

  test('a zombie’s positions are refused, too', async () => {
    const { world, client, placeOf, transactionalProducer } = context();
    const place = await placeOf();
    const [group, id] = [world.unique('group'), world.unique('task')];
    const [first, second] = [await transactionalProducer(id), await transactionalProducer(id)];
    await first.begin();
    expect(await kindOf(first.sendPositions(group, [{ ...place, offset: 9, metadata: 'zombie' }]))).toBe('fenced');
    const third = await transactionalProducer(id);
    await second.begin();
    expect(await kindOf(second.send([aRecord(place, 'zombie')]))).toBe('fenced');

    expect(await client.admin.committed(group, [place.topic])).toEqual([{ ...place, offset: null, metadata: '' }]);
    await Promise.all([first.close(), second.close(), third.close()]);
  });

  test('a transaction that hangs beyond its time-out is aborted by the coordinator, its producer fenced', async () => {
    const { world, client, placeOf, transactionalProducer } = context();
    const place = await placeOf();
    const producer = await transactionalProducer(world.unique('tx'), 1_000);
    await producer.begin();
    await producer.send([aRecord(place, 'hung')]);
    expect(await client.admin.stableOffsets(place.topic)).toEqual([0]);
    await eventually(async () => (await client.admin.stableOffsets(place.topic))[0] === 2, 'the coordinator aborted it');

    expect(await kindOf(producer.commit())).toBe('fenced');
    expect(await readTo(client, place, 2)).toEqual([]);
    await producer.close();
  });

  test('who left is no member any more, and who joins then gets everything', async () => {
    const { world } = context();
    const topic = await world.createTopic(2);
    const group = world.unique('group');
    const held = { numbers: [] as readonly number[] };
    const join = (other: KafkaClient) =>
      other.join({
        group,
        topics: [topic],
        sessionTimeoutMs: 6_000,
        listener: {
          onAssigned: (numbers) => void (held.numbers = numbers),
          onLost: () => void (held.numbers = []),
          onFatal: (error) => {
            throw error;
          },
        },
      });
    const left = world.connect();
    const gone = await join(left);
    await eventually(() => held.numbers.length === 2, 'the first has all');
    await gone.leave();
    held.numbers = [];
    const next = world.connect();
    const successor = await join(next);
    await eventually(() => held.numbers.length === 2, 'the successor has all');

    expect(await gone.confirm()).toBe(false);
    expect(await successor.confirm()).toBe(true);
    await successor.leave();
    await left.close();
    await next.close();
  });

  test('the broker says where records stand; those of an open transaction count for the high watermark only', async () => {
    const { world, client, transactionalProducer } = context();
    const topic = await world.createTopic(2);
    const producer = await transactionalProducer();
    await producer.begin();
    const [first, second] = [
      { topic, partition: 0 },
      { topic, partition: 1 },
    ] as const;
    const appended = await producer.send([aRecord(first, 'a'), aRecord(second, 'b'), aRecord(first, 'c')]);
    expect([...appended].sort((a, b) => a.partition - b.partition)).toEqual([
      { ...first, firstOffset: 0, count: 2 },
      { ...second, firstOffset: 0, count: 1 },
    ]);
    expect(await producer.send([aRecord(first, 'd')])).toEqual([{ ...first, firstOffset: 2, count: 1 }]);
    expect(await client.admin.highWatermarks(topic)).toEqual([3, 1]);
    expect(await client.admin.stableOffsets(topic)).toEqual([0, 0]);
    await producer.commit();
    await producer.close();
  });
}
