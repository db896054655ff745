import { expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { createMemoryBroker, createMemoryRegistry, openObservedLags } from '@vigil/kafka';
import type { GroupObservation } from '../../domain/watch/observe-groups.ts';
import { createLagPublisher } from './create-lag-publisher.ts';

const observation: GroupObservation = {
  group: 'device-ingest',
  state: 'WARN',
  lagRecords: 5,
  lagSeconds: 2.5,
  slope: 0.5,
  worstTopic: 'vitals.reading.received.v1',
  worstPartition: 1,
  observedAt: 1000,
};

test('an observation is read as it was made; after a failure the next one goes out with another producer', async () => {
  const broker = createMemoryBroker({ clock: { now: () => 0 } });
  broker.createTopic(topics.lagObserved.name, 1);
  let isAway = false;
  const client = broker.connect({
    hook: async () => {
      if (isAway) throw new Error('away');
    },
  });
  const registry = createMemoryRegistry();
  const publisher = createLagPublisher(client, registry);
  const observed = openObservedLags(client, registry);
  await publisher.publish([]);
  await publisher.publish([observation]);
  expect((await observed.read(0)).get('device-ingest')).toEqual(observation);

  isAway = true;
  await expect(publisher.publish([{ ...observation, observedAt: 2000 }])).rejects.toThrow('away');
  isAway = false;
  await publisher.publish([{ ...observation, observedAt: 3000 }]);
  expect((await observed.read(0)).get('device-ingest')?.observedAt).toBe(3000);
  await publisher.close();
  await createLagPublisher(client, registry).close();
});
