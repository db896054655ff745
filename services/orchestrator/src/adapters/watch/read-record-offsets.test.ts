import { expect, test } from '@jest/globals';
import { VigilError, type ErrorCode } from '@vigil/core';
import { createMemoryBroker } from '@vigil/kafka';
import { readRecordOffsets } from './read-record-offsets.ts';

const topic = 'vitals.reading.accepted.v1';
const record = (partition: number) => ({ topic, partition, key: null, value: Buffer.from('x'), headers: [], timestamp: 1 });

test('records are told from markers and aborted ones, on every partition that is asked for, up to the end that is asked for', async () => {
  const broker = createMemoryBroker({ clock: { now: () => 1 } });
  broker.createTopic(topic, 2, {});
  const client = broker.connect();
  const producer = await client.openTransactionalProducer({ transactionalId: 't', transactionTimeoutMs: 1000 });
  await producer.fence();
  for (const end of ['commit', 'abort', 'commit'] as const) {
    await producer.begin();
    await producer.send([record(0), record(0), record(1)]);
    await (end === 'commit' ? producer.commit() : producer.abort());
  }
  await producer.close();

  const stretches = [
    { topic, partition: 0, from: 1, end: 8 },
    { topic, partition: 1, from: 0, end: 2 },
    { topic, partition: 1, from: 0, end: 99 },
    { topic: 'gone', partition: 0, from: 0, end: 1 },
  ];
  expect(await readRecordOffsets(client, stretches.slice(0, 2))).toEqual([
    { stretch: stretches[0], offsets: [1, 6, 7] },
    { stretch: stretches[1], offsets: [0] },
  ]);
  expect(await readRecordOffsets(client, stretches.slice(2, 3))).toEqual([{ stretch: stretches[2], offsets: null }]);
  expect(await readRecordOffsets(client, [])).toEqual([]);
});

test.each<readonly [ErrorCode, object]>([
  ['OFFSET_OUT_OF_RANGE', { gone: true }],
  ['KAFKA_AWAY', { code: 'KAFKA_AWAY' }],
])('a log that retention cuts while it is read no longer holds the stretch; any other failure is one: %s', async (code, told) => {
  const broker = createMemoryBroker({ clock: { now: () => 1 } });
  broker.createTopic(topic, 1, {});
  const producer = await broker.connect().openIdempotentProducer();
  await producer.send([record(0)]);
  const client = broker.connect({
    hook: async (operation) => {
      if (operation === 'poll') throw new VigilError(code);
    },
  });
  const stretch = { topic, partition: 0, from: 0, end: 1 };
  const read = await readRecordOffsets(client, [stretch]).then(
    ([found]) => ({ gone: found?.offsets === null }),
    (error: VigilError) => ({ code: error.code }),
  );

  expect(read).toEqual(told);
});

test('stretches of several fetches are read to their ends', async () => {
  const broker = createMemoryBroker({ clock: { now: () => 1 }, maxRecordsPerBatch: 2 });
  broker.createTopic(topic, 1, {});
  const client = broker.connect();
  await (await client.openIdempotentProducer()).send(Array.from({ length: 5 }, () => record(0)));

  expect((await readRecordOffsets(client, [{ topic, partition: 0, from: 1, end: 5 }]))[0]?.offsets).toEqual([1, 2, 3, 4]);
});
