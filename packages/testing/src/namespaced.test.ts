import { expect, test } from '@jest/globals';
import { createMemoryBroker, systemEngineClock, type GroupMember } from '@vigil/kafka';
import { namespaced } from './namespaced.ts';

const aRecord = { topic: 'shared', partition: 0, key: null, value: Buffer.from('x'), headers: [], timestamp: null };

test('two namespaces on one broker do not meet', async () => {
  const broker = createMemoryBroker({ clock: systemEngineClock });
  const [one, two] = ['one-', 'two-'].map((prefix) => namespaced(broker.connect(), prefix));
  if (!one || !two) throw new Error('unreachable');
  for (const client of [one, two]) {
    expect(await client.admin.createTopics([{ name: 'shared', partitions: 1, replicationFactor: 1, config: {} }])).toEqual(['shared']);
  }
  const producer = await one.openTransactionalProducer({ transactionalId: 'task', transactionTimeoutMs: 1_000 });
  const other = await two.openTransactionalProducer({ transactionalId: 'task', transactionTimeoutMs: 1_000 });
  await producer.fence();
  await other.fence();
  await producer.begin();
  await producer.send([aRecord]);
  await producer.sendPositions('group', [{ topic: 'shared', partition: 0, offset: 4, metadata: 'm' }]);
  await producer.commit();
  await (await two.openIdempotentProducer()).send([aRecord, aRecord, aRecord]);

  expect(await one.admin.stableOffsets('shared')).toEqual([2]);
  expect(await two.admin.stableOffsets('shared')).toEqual([3]);
  expect(await one.admin.startOffsets('shared')).toEqual([0]);
  expect(await one.admin.listTopics()).toEqual(['shared']);
  expect(await one.admin.describeTopics(['shared', 'none'])).toMatchObject([{ name: 'shared', partitions: 1 }]);
  expect(await one.admin.committed('group', ['shared'])).toEqual([{ topic: 'shared', partition: 0, offset: 4, metadata: 'm' }]);
  expect((await two.admin.committed('group', ['shared']))[0]?.offset).toBeNull();
  await two.admin.commitPositions('group', [{ topic: 'shared', partition: 0, offset: 9, metadata: '' }]);
  expect((await two.admin.committed('group', ['shared']))[0]?.offset).toBe(9);
  expect(broker.log({ topic: 'one-shared', partition: 0 }).highWatermark).toBe(2);
  await one.admin.close();
});

test('reading and membership see the short names', async () => {
  const broker = createMemoryBroker({ clock: systemEngineClock });
  const client = namespaced(broker.connect(), 'ns-');
  const place = { topic: 'shared', partition: 0 };
  broker.createTopic('ns-shared', 1);
  await (await client.openIdempotentProducer()).send([aRecord]);
  const fetcher = await client.openFetcher();
  fetcher.assign(place, 0);
  fetcher.pause(place);
  expect(await fetcher.poll(0)).toEqual([]);
  fetcher.resume(place);
  expect(await fetcher.poll(0)).toMatchObject([{ topic: 'shared', nextOffset: 1 }]);
  fetcher.unassign(place);
  expect(await fetcher.poll(0)).toEqual([]);
  await fetcher.close();
  const assigned = Promise.withResolvers<readonly number[]>();
  const member: GroupMember = await client.join({
    group: 'group',
    topics: ['shared'],
    sessionTimeoutMs: 1_000,
    listener: { onAssigned: assigned.resolve, onLost: () => undefined, onFatal: assigned.reject },
  });
  expect(await assigned.promise).toEqual([0]);
  await member.commitPositions([{ ...place, offset: 3, metadata: '' }]);
  expect(await client.admin.committed('group', ['shared'])).toMatchObject([{ topic: 'shared', offset: 3 }]);
  expect(broker.members('ns-group')).toHaveLength(1);
  await client.close();
});
