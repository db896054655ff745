import { expect, test } from '@jest/globals';
import { allTopics } from '@vigil/contracts';
import { createMemoryBroker } from '@vigil/kafka';
import { applyTopics, listTopics, localShape } from './apply-topics.ts';

const aBroker = () => createMemoryBroker({ clock: { now: () => 0 } });
const every = allTopics(localShape).map(({ name }) => name);

test('what is missing is created, what exists is left alone', async () => {
  const broker = aBroker();
  broker.createTopic('vitals.reading.received.v1', 4);
  const { admin } = broker.connect();

  expect(await applyTopics(admin, localShape)).toMatchObject({ existing: 1 });
  expect(await applyTopics(admin, localShape)).toEqual({ created: [], existing: every.length });
  expect((await admin.listTopics()).length).toBe(every.length);
});

test('another partition count is refused: every key would change its partition', async () => {
  const broker = aBroker();
  broker.createTopic('vitals.reading.received.v1', 3);
  const { admin } = broker.connect();

  await expect(applyTopics(admin, localShape)).rejects.toMatchObject({ code: 'PARTITION_MISMATCH' });
  await expect(applyTopics(admin, localShape)).rejects.toThrow('vitals.reading.received.v1 has 3 partitions, not 4');
  expect(await admin.listTopics()).toEqual(['vitals.reading.received.v1']);
});

test('the list names every topic and what the broker has of it', async () => {
  const broker = aBroker();
  broker.createTopic('vitals.reading.received.v1', 4);

  const listed = await listTopics(broker.connect().admin);

  expect(listed.map(({ name }) => name)).toEqual(every);
  expect(listed[0]).toEqual({ name: 'vitals.reading.received.v1', kind: 'record', phi: true, partitions: 4 });
  expect(listed[1]?.partitions).toBeNull();
  expect(listed.find(({ kind }) => kind === 'changelog')?.phi ?? null).toBeNull();
});
