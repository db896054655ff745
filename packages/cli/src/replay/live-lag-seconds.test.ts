import { expect, test } from '@jest/globals';
import { retryTopicOf, topics } from '@vigil/contracts';
import { createMemoryBroker, systemEngineClock } from '@vigil/kafka';
import { liveLagSeconds } from './live-lag-seconds.ts';

test('the worst lag of the stages that a patient waits for; one that never read anything does not run', async () => {
  const broker = createMemoryBroker({ clock: systemEngineClock });
  const name = topics.vitalsReadingAccepted.name;
  for (const topic of [name, retryTopicOf(name, 'vitals-windowing')]) broker.createTopic(topic, 1);
  const client = broker.connect();
  const producer = await client.openIdempotentProducer();
  const record = { topic: name, partition: 0, key: null, value: Buffer.from('x'), headers: [] };
  await producer.send([{ ...record, timestamp: 1000 }, { ...record, timestamp: 2000 }]); // prettier-ignore
  expect(await liveLagSeconds({ client }, { now: () => 12_000 })).toBe(0);
  await client.admin.commitPositions('vitals-windowing', [{ topic: name, partition: 0, offset: 1, metadata: '' }]);
  expect(await liveLagSeconds({ client }, { now: () => 12_000 })).toBe(10);
});
