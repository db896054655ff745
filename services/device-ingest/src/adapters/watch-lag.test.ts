import { expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { createMemoryBroker, createVirtualClock, type LiveLag } from '@vigil/kafka';
import { createAdmission } from '../domain/admission.ts';
import { watchLag, type LagWatchOptions } from './watch-lag.ts';

const topic = topics.vitalsReadingAccepted.name;
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function aWatch(observed?: () => Promise<LiveLag | null>) {
  const clock = createVirtualClock(0);
  const broker = createMemoryBroker({ clock });
  for (const { name } of Object.values(topics)) broker.createTopic(name, 1);
  let isAway = false;
  const client = broker.connect({
    hook: async () => {
      if (isAway) throw new Error('away');
    },
  });
  const producer = await client.openIdempotentProducer();
  const samples: Parameters<LagWatchOptions['onSample']>[0][] = [];
  const errors: unknown[] = [];
  const admission = createAdmission({ highLagSeconds: 10, lowLagSeconds: 3, minRate: 1, maxRate: 100, increasePerSecond: 10 });
  const watch = watchLag({
    admin: client.admin,
    groups: ['vitals-windowing'],
    ...(observed && { observed }),
    admission,
    clock,
    everyMs: 1000,
    onSample: (sample) => void samples.push(sample),
    onError: (error) => void errors.push(error),
  });
  return {
    samples,
    errors,
    watch,
    away: (value: boolean) => void (isAway = value),
    write: () => producer.send([{ topic, partition: 0, key: null, value: Buffer.from('x'), headers: [], timestamp: null }]),
    commit: (offset: number) => client.admin.commitPositions('vitals-windowing', [{ topic, partition: 0, offset, metadata: '' }]),
    pass: async (seconds: number) => {
      for (let second = 0; second < seconds; second++) {
        await settled();
        clock.advance(1000);
      }
      await settled();
    },
  };
}

test('the greatest lag of the groups is sampled and holds the gateway back', async () => {
  const { samples, watch, write, commit, pass } = await aWatch();
  await commit(0);
  await pass(1);
  await write();
  await pass(15);
  expect(samples.at(-1)?.lagSeconds).toBeGreaterThan(10);
  expect(samples.at(-1)?.ratePerSecond).toBe(1);

  await commit(1);
  await pass(20);
  expect(samples.at(-1)).toEqual({ lagSeconds: 0, ratePerSecond: null, source: 'gateway' });
  await watch.stop();
});

test('a group without a position is not taken for one that lags', async () => {
  const { samples, watch, write, pass } = await aWatch();
  await write();
  await pass(20);

  expect(samples.at(-1)).toEqual({ lagSeconds: 0, ratePerSecond: null, source: 'gateway' });
  await watch.stop();
});

test('while the broker is away nothing is sampled, after that it goes on; stopped it ends', async () => {
  const { samples, errors, watch, away, pass } = await aWatch();
  away(true);
  await pass(3);
  const before = samples.length;
  expect(errors.length).toBeGreaterThanOrEqual(2);
  away(false);
  await pass(3);
  expect(samples.length).toBeGreaterThan(before);
  await watch.stop();
  const after = samples.length;
  await pass(5);

  expect(samples).toHaveLength(after);
});

test('stopped in the middle of a sample no other is planned', async () => {
  const { samples, watch, pass } = await aWatch();
  await watch.stop();
  await pass(3);

  expect(samples).toHaveLength(1);
});

test('the observer’s word goes before an own look, each observation once', async () => {
  let told: LiveLag | null = { lagSeconds: 12, observedAt: 1 };
  const { samples, watch, pass } = await aWatch(async () => told);
  await pass(5);
  expect(samples).toEqual([{ lagSeconds: 12, ratePerSecond: 1, source: 'observer' }]);
  told = { lagSeconds: 1, observedAt: 2 };
  await pass(1);
  expect(samples.at(-1)).toEqual({ lagSeconds: 1, ratePerSecond: expect.any(Number), source: 'observer' });
  await watch.stop();
});

test('a silent or unreadable observer neither opens the gateway nor shuts it: the gateway looks itself', async () => {
  let isBroken = false;
  const { samples, errors, watch, write, commit, pass } = await aWatch(async () => {
    if (isBroken) throw new Error('unreadable');
    return null;
  });
  await commit(0);
  await pass(1);
  await write();
  await pass(15);
  expect(samples.at(-1)).toMatchObject({ ratePerSecond: 1, source: 'gateway' });

  isBroken = true;
  await pass(2);
  expect(errors.length).toBeGreaterThan(0);
  expect(samples.at(-1)).toMatchObject({ ratePerSecond: 1, source: 'gateway' });
  await watch.stop();
});
