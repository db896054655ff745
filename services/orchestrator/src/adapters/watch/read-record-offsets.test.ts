import { expect, test } from '@jest/globals';
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
