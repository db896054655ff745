import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readWhole } from '../engine/read-whole.ts';
import type { KafkaClient, TransactionalProducer } from '../ports/kafka-client.ts';
import { aRecord, eventually, kindOf, pollUntil, readTo, textOf, type ContractWorld } from './contract-world.ts';
import { takeoverContract } from './takeover-contract.ts';

/** What the engine relies on, of every driver. */
export function kafkaContract(driver: string, openWorld: () => Promise<ContractWorld>): void {
  describe(`a client on ${driver}`, () => {
    let world: ContractWorld;
    let client: KafkaClient;
    const transactionalProducer = async (transactionalId = world.unique('tx')): Promise<TransactionalProducer> => {
      const producer = await client.openTransactionalProducer({ transactionalId, transactionTimeoutMs: 10_000 });
      await producer.fence();
      return producer;
    };
    const placeOf = async (config?: Readonly<Record<string, string>>) => ({ topic: await world.createTopic(1, config), partition: 0 });

    beforeAll(async () => {
      world = await openWorld();
      client = world.connect();
    });
    afterAll(async () => {
      await client.close();
      await world.close();
    });

    test('what a transaction wrote is read when it is committed, byte for byte, and the position passes its marker', async () => {
      const place = await placeOf();
      const producer = await transactionalProducer();
      const headers = [
        ['a', Buffer.from('1')],
        ['a', null],
        ['ü', Buffer.of(0, 255)],
      ] as const;
      await producer.begin();
      await producer.send([
        aRecord(place, 'one', { headers, timestamp: 1_700_000_000_123 }),
        aRecord(place, null, { key: null, timestamp: 1_700_000_000_000 }),
        aRecord(place, '', { key: Buffer.alloc(0), timestamp: 1_700_000_000_999 }),
      ]);
      await producer.commit();
      const records = await readTo(client, place, 4);

      expect(records.map(({ offset, timestamp, key, value }) => ({ offset, timestamp, key, value }))).toEqual([
        { offset: 0, timestamp: 1_700_000_000_123, key: Buffer.from('k'), value: Buffer.from('one') },
        { offset: 1, timestamp: 1_700_000_000_000, key: null, value: null },
        { offset: 2, timestamp: 1_700_000_000_999, key: Buffer.alloc(0), value: Buffer.alloc(0) },
      ]);
      expect(records[0]?.headers()).toEqual(headers);
      expect(records[1]?.headers()).toEqual([]);
      expect(await client.admin.stableOffsets(place.topic)).toEqual([4]);
      await producer.close();
    });

    test('aborted records are skipped, also between those of other producers', async () => {
      const place = await placeOf();
      const [first, second] = [await transactionalProducer(), await transactionalProducer()];
      await first.begin();
      await second.begin();
      await first.send([aRecord(place, 'a1')]);
      await second.send([aRecord(place, 'b1')]);
      await first.send([aRecord(place, 'a2')]);
      await first.abort();
      await second.send([aRecord(place, 'b2')]);
      await second.commit();
      await first.begin();
      await first.send([aRecord(place, 'a3')]);
      await first.commit();

      expect((await readTo(client, place, 8)).map(textOf)).toEqual(['b1', 'b2', 'a3']);
      await first.close();
      await second.close();
    });

    test('an open transaction holds back what was written after it', async () => {
      const place = await placeOf();
      const producer = await transactionalProducer();
      const plain = await client.openIdempotentProducer();
      await plain.send([aRecord(place, 'before')]);
      await producer.begin();
      await producer.send([aRecord(place, 'open')]);
      await plain.send([aRecord(place, 'after')]);
      expect(await client.admin.stableOffsets(place.topic)).toEqual([1]);
      const fetcher = await client.openFetcher();
      fetcher.assign(place, 0);
      const [early] = await pollUntil(fetcher, (batches) => batches.length > 0);
      expect(early).toMatchObject({ nextOffset: 1, lastStableOffset: 1 });
      await producer.commit();
      const rest = await pollUntil(fetcher, (batches) => batches.some(({ nextOffset }) => nextOffset >= 4));

      expect(rest.flatMap(({ records }) => [...records]).map(textOf)).toEqual(['open', 'after']);
      await fetcher.close();
      await plain.close();
      await producer.close();
    });

    test('a fence ends the transaction of the predecessor, which can then neither write nor commit', async () => {
      const place = await placeOf();
      const id = world.unique('task');
      const zombie = await transactionalProducer(id);
      await zombie.begin();
      await zombie.send([aRecord(place, 'zombie')]);
      const second = await transactionalProducer(id);
      const third = await transactionalProducer(id);
      await third.begin();
      await third.send([aRecord(place, 'owner')]);
      await third.commit();

      expect(await kindOf(zombie.commit())).toBe('fenced');
      await second.begin();
      expect(await kindOf(second.send([aRecord(place, 'late')]).then(() => second.commit()))).toBe('fenced');
      const [end] = (await client.admin.stableOffsets(place.topic)) as [number];
      expect((await readTo(client, place, end)).map(textOf)).toEqual(['owner']);
      await Promise.all([zombie.close(), second.close(), third.close()]);
    });

    test('positions are committed with the records or not at all, with their text', async () => {
      const place = await placeOf();
      const group = world.unique('group');
      const producer = await transactionalProducer();
      expect(await client.admin.committed(group, [place.topic])).toEqual([{ ...place, offset: null, metadata: '' }]);
      await producer.begin();
      await producer.sendPositions(group, [{ ...place, offset: 7, metadata: '{"commit":1}' }]);
      await producer.commit();
      await producer.begin();
      await producer.send([aRecord(place, 'never')]);
      await producer.sendPositions(group, [{ ...place, offset: 8, metadata: 'aborted' }]);
      await producer.abort();
      await producer.close();
      await transactionalProducer().then((other) => other.close());

      await eventually(async () => (await client.admin.committed(group, [place.topic]))[0]?.offset === 7, 'the position is in force');
      expect(await client.admin.committed(group, [place.topic])).toEqual([{ ...place, offset: 7, metadata: '{"commit":1}' }]);
    });

    test('an empty transaction is committed and aborted without complaint', async () => {
      const producer = await transactionalProducer();
      await producer.begin();
      await producer.commit();
      await producer.begin();
      await producer.abort();
      await producer.close();
    });

    test('a producer that was not fenced or has no transaction refuses to work', async () => {
      const place = await placeOf();
      const producer = await client.openTransactionalProducer({ transactionalId: world.unique('tx'), transactionTimeoutMs: 10_000 });
      await expect(producer.begin()).rejects.toThrow();
      const other = await transactionalProducer();
      await expect(other.send([aRecord(place, 'x')])).rejects.toThrow();
      await Promise.all([producer.close(), other.close()]);
    });

    test('a position beyond the end is an error, not a reset', async () => {
      const place = await placeOf();
      const fetcher = await client.openFetcher();
      fetcher.assign(place, 1_000);

      await expect(pollUntil(fetcher, () => false)).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
      await fetcher.close();
    });

    test('partitions are paused, resumed, read again and left', async () => {
      const topic = await world.createTopic(2);
      const [zero, one] = [
        { topic, partition: 0 },
        { topic, partition: 1 },
      ];
      const producer = await client.openIdempotentProducer();
      await producer.send([aRecord(zero, 'z'), aRecord(one, 'o')]);
      const fetcher = await client.openFetcher();
      fetcher.assign(zero, 0);
      fetcher.assign(one, 0);
      fetcher.pause(one);
      const first = await pollUntil(fetcher, (batches) => batches.some(({ records }) => records.length > 0));
      expect(first.flatMap(({ records }) => [...records]).map(textOf)).toEqual(['z']);
      fetcher.resume(one);
      const second = await pollUntil(fetcher, (batches) => batches.some(({ records }) => records.length > 0));
      expect(second.flatMap(({ records }) => [...records]).map(textOf)).toEqual(['o']);
      fetcher.unassign(one);
      fetcher.assign(zero, 0);
      const again = await pollUntil(fetcher, (batches) => batches.some(({ records }) => records.length > 0));
      expect(again.map(({ partition }) => partition)).not.toContain(1);
      expect(again.flatMap(({ records }) => [...records]).map(textOf)).toEqual(['z']);
      await fetcher.close();
      await producer.close();
    });

    test('a caught-up partition says so without records', async () => {
      const place = await placeOf();
      const fetcher = await client.openFetcher();
      fetcher.assign(place, 0);
      const [answer] = await pollUntil(fetcher, (batches) => batches.length > 0);

      expect(answer).toMatchObject({ position: 0, nextOffset: 0, lastStableOffset: 0 });
      expect([...(answer?.records ?? [])]).toEqual([]);
      await fetcher.close();
      expect(await fetcher.poll(10)).toEqual([]);
    });

    test('many records keep their order, also when they need several requests', async () => {
      const topic = await world.createTopic(2);
      const producer = await client.openIdempotentProducer();
      const filler = 'x'.repeat(300);
      const send = (from: number) =>
        producer.send(Array.from({ length: 5_000 }, (_, index) => aRecord({ topic, partition: index % 2 }, `${from + index} ${filler}`)));
      await Promise.all([send(0), send(5_000)]);
      for (const partition of [0, 1]) {
        const numbers = (await readTo(client, { topic, partition }, 5_000)).map((record) => Number.parseInt(String(textOf(record)), 10));
        expect(numbers).toEqual(Array.from({ length: 5_000 }, (_, index) => index * 2 + partition));
      }
      await producer.close();
    });

    test('a record beyond the topic’s limit is poison, one within it passes', async () => {
      const place = await placeOf({ 'max.message.bytes': String(3 * 1024 * 1024) });
      const producer = await client.openIdempotentProducer();
      const large = Buffer.alloc(2 * 1024 * 1024, 7);
      await producer.send([aRecord(place, null, { value: large })]);
      expect(await kindOf(producer.send([aRecord(place, null, { value: Buffer.alloc(4 * 1024 * 1024) })]))).toBe('poison');

      expect((await readTo(client, place, 1))[0]?.value?.equals(large)).toBe(true);
      await producer.close();
    });

    test('the broker’s clock stamps where the topic says so', async () => {
      const place = await placeOf({ 'message.timestamp.type': 'LogAppendTime' });
      const producer = await client.openIdempotentProducer();
      await producer.send([aRecord(place, 'x', { timestamp: 1_000 })]);

      expect((await readTo(client, place, 1))[0]?.timestamp).toBeGreaterThan(1_600_000_000_000);
      await producer.close();
    });

    test('a topic is read whole up to its last stable offset', async () => {
      const topic = await world.createTopic(2);
      const producer = await transactionalProducer();
      await producer.begin();
      await producer.send([aRecord({ topic, partition: 0 }, 'a'), aRecord({ topic, partition: 0 }, 'b')]);
      await producer.commit();
      const seen: (string | null)[] = [];
      const places = [0, 1].map((partition) => ({ topic, partition }));
      await eventually(async () => (await client.admin.stableOffsets(topic))[0] === 3, 'the marker is written');
      const reached = await readWhole({ client, places, pollMs: 100, onRecord: (_, record) => void seen.push(textOf(record)) });

      expect(seen).toEqual(['a', 'b']);
      expect(reached).toEqual([
        { topic, partition: 0, position: 3 },
        { topic, partition: 1, position: 0 },
      ]);
      await producer.close();
    });

    test('members share partition numbers, of every topic the same', async () => {
      const topics = [await world.createTopic(4), await world.createTopic(4)];
      const group = world.unique('group');
      const joined = async () => {
        const held = { numbers: [] as readonly number[], losses: 0 };
        const other = world.connect();
        const member = await other.join({
          group,
          topics,
          sessionTimeoutMs: 6_000,
          listener: {
            onAssigned: (numbers) => void (held.numbers = numbers),
            onLost: () => {
              held.numbers = [];
              held.losses++;
            },
            onFatal: (error) => {
              throw error;
            },
          },
        });
        return { held, member, other };
      };
      const first = await joined();
      await eventually(() => first.held.numbers.length === 4, 'the first has all');
      expect(await first.member.confirm()).toBe(true);
      const second = await joined();
      await eventually(() => first.held.numbers.length === 2 && second.held.numbers.length === 2, 'they share');
      expect([...first.held.numbers, ...second.held.numbers].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
      expect(first.held.losses).toBe(1);
      await second.member.commitPositions([{ topic: topics[0] as string, partition: 1, offset: 5, metadata: 'copy' }]);
      expect((await client.admin.committed(group, topics))[1]).toMatchObject({ offset: 5, metadata: 'copy' });
      await first.member.leave();
      await eventually(() => second.held.numbers.length === 4, 'the second has all');
      expect(await first.member.confirm()).toBe(false);
      await second.member.leave();
      await first.other.close();
      await second.other.close();
    });

    test('topics are described by what exists, created once, with ids of their own', async () => {
      const topic = await world.createTopic(3);
      const fresh = world.unique('fresh');
      const wanted = [
        { name: topic, partitions: 3, replicationFactor: 1, config: {} },
        { name: fresh, partitions: 1, replicationFactor: 1, config: {} },
      ];
      expect(await client.admin.createTopics(wanted)).toEqual([fresh]);
      expect(await client.admin.createTopics(wanted)).toEqual([]);
      await eventually(async () => (await client.admin.listTopics()).includes(fresh), 'the new topic is known');
      const described = await client.admin.describeTopics([topic, 'no-such-topic', fresh]);

      expect(new Map(described.map(({ name, partitions }) => [name, partitions]))).toEqual(
        new Map([
          [fresh, 1],
          [topic, 3],
        ]),
      );
      expect(new Set(described.map(({ topicId }) => topicId)).size).toBe(2);
      expect(await client.admin.describeTopics([])).toEqual([]);
      const twiceAtOnce = await Promise.all([client.admin.startOffsets(topic), client.admin.startOffsets(topic)]);
      expect(twiceAtOnce).toEqual([
        [0, 0, 0],
        [0, 0, 0],
      ]);
      await expect(client.admin.stableOffsets(world.unique('missing'))).rejects.toMatchObject({ code: 'TOPIC_MISSING' });
    });

    test('a position is set for a group without members', async () => {
      const place = await placeOf();
      const group = world.unique('group');
      await client.admin.commitPositions(group, [{ ...place, offset: 3, metadata: 'tool' }]);

      expect(await client.admin.committed(group, [place.topic])).toEqual([{ ...place, offset: 3, metadata: 'tool' }]);
    });

    takeoverContract(() => ({ world, client }));
  });
}
