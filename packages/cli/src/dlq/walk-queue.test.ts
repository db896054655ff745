import { expect, test } from '@jest/globals';
import { createMemoryBroker, systemEngineClock } from '@vigil/kafka';
import { identifyQueue, walkQueue } from './walk-queue.ts';

const topic = 't.g.dlq';
async function queue(...values: readonly string[]) {
  const broker = createMemoryBroker({ clock: systemEngineClock, maxRecordsPerBatch: 2 });
  broker.createTopic(topic, 2);
  const client = broker.connect();
  const producer = await client.openIdempotentProducer();
  const send = (more: readonly string[]): Promise<void> =>
    producer.send(more.map((value) => ({ topic, partition: 1, key: null, value: Buffer.from(value), headers: [], timestamp: null })));
  if (values.length > 0) await send(values);
  return { client, send };
}

test('a queue that is not there is told by its name', async () => {
  const { client } = await queue();

  await expect(identifyQueue(client, 'nothing.g.dlq')).rejects.toMatchObject({ code: 'TOPIC_MISSING', message: expect.stringContaining('nothing.g.dlq') }); // prettier-ignore
});

test.each(['stable', 'written'] as const)(
  'a walk gives a fetch at a time and ends where the queue ended when it began: %s',
  async (upTo) => {
    const { client, send } = await queue('a', 'b', 'c');
    const seen: string[][] = [];
    const identity = await identifyQueue(client, topic);
    await walkQueue(
      client,
      identity,
      async (partition, records) => {
        seen.push(records.map(({ value }) => `${partition} ${value?.toString('utf8')}`));
        if (seen.length === 1) await send(['later']);
      },
      upTo,
    );

    expect(seen.flat()).toEqual(['1 a', '1 b', '1 c']);
    expect(seen.length).toBeGreaterThan(1);
  },
);

test('an empty queue is walked without waiting for anything', async () => {
  const { client } = await queue();
  await walkQueue(client, await identifyQueue(client, topic), () => {
    throw new Error('nothing stands there');
  });
});
