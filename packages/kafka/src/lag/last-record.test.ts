import { expect, test } from '@jest/globals';
import { createMemoryBroker } from '../memory/memory-broker.ts';
import { lastRecord } from './last-record.ts';

const place = { topic: 't', partition: 0 };

async function aLog(aborted: number) {
  const broker = createMemoryBroker({ clock: { now: () => 1 } });
  broker.createTopic('t', 1);
  const client = broker.connect();
  const producer = await client.openIdempotentProducer();
  const aRecord = (value: string) => ({ ...place, key: null, value: Buffer.from(value), headers: [], timestamp: null });
  await producer.send([aRecord('first'), aRecord('second')]);
  const transactional = await client.openTransactionalProducer({ transactionalId: 'x', transactionTimeoutMs: 1_000 });
  await transactional.fence();
  await transactional.begin();
  await transactional.send(Array.from({ length: aborted }, (_, index) => aRecord(`aborted ${index}`)));
  await transactional.abort();
  const end = (await client.admin.stableOffsets('t'))[0] as number;
  return { client, end };
}

test.each([0, 10, 2_000])('the last committed record is found behind %i aborted ones', async (aborted) => {
  const { client, end } = await aLog(aborted);

  expect((await lastRecord(client, { ...place, from: 0, end }))?.value?.toString()).toBe('second');
  expect((await lastRecord(client, { ...place, from: 0, end: 1 }))?.value?.toString()).toBe('first');
});

test('there is none in a stretch that is empty or holds only what was aborted', async () => {
  const { client, end } = await aLog(10);

  expect(await lastRecord(client, { ...place, from: 2, end })).toBeNull();
  expect(await lastRecord(client, { ...place, from: end, end })).toBeNull();
});
