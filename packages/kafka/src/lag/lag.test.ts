import { expect, test } from '@jest/globals';
import { topics, type LagObserved } from '@vigil/contracts';
import { createValueEncoder } from '../codec/value-encoder.ts';
import { createMemoryBroker } from '../memory/memory-broker.ts';
import { createMemoryRegistry } from '../registry/memory-registry.ts';
import { liveGroups, liveLagOf, silentAfterMs } from './live-lag.ts';
import { openObservedLags } from './observed-lags.ts';
import { createYieldToLive } from './yield-to-live.ts';

const topic = topics.lagObserved;
const observation = (group: string, lagSeconds: number, observedAt: number): LagObserved => ({
  group,
  state: 'OK',
  lagRecords: 1,
  lagSeconds,
  slope: 0,
  worstTopic: 't',
  worstPartition: 0,
  observedAt,
});

async function aTopic() {
  const broker = createMemoryBroker({ clock: { now: () => 0 } });
  broker.createTopic(topic.name, 1);
  let isAway = false;
  const client = broker.connect({
    hook: async (operation) => {
      if (isAway && operation === 'poll') throw new Error('away');
    },
  });
  const registry = createMemoryRegistry();
  const encode = createValueEncoder(topic.schema, registry.register(topic.schema));
  const producer = await client.openIdempotentProducer();
  const write = (value: Buffer | null) =>
    producer.send([{ topic: topic.name, partition: 0, key: null, value, headers: [], timestamp: null }]);
  return {
    lags: openObservedLags(client, registry),
    write,
    publish: (one: LagObserved) => write(encode(one)),
    away: (value: boolean) => void (isAway = value),
  };
}

test('the newest observation of each group counts, and what cannot be read is none', async () => {
  const { lags, publish, write } = await aTopic();
  await publish(observation('a', 1, 10));
  await publish(observation('b', 2, 10));
  await publish(observation('a', 3, 20));
  await publish(observation('a', 4, 15));
  await write(Buffer.from('rubbish'));
  await write(null);

  const read = await lags.read(0);

  expect([...read].map(([group, { lagSeconds }]) => [group, lagSeconds])).toEqual([
    ['a', 3],
    ['b', 2],
  ]);
  await publish(observation('b', 7, 30));
  expect((await lags.read(0)).get('b')?.lagSeconds).toBe(7);
  await lags.close();
});

test('after a failure it reads anew', async () => {
  const { lags, publish, away } = await aTopic();
  away(true);
  await expect(lags.read(0)).rejects.toThrow('away');
  away(false);
  await publish(observation('a', 1, 10));

  expect((await lags.read(0)).size).toBe(1);
});

test('of long history only the last part is read', async () => {
  const { lags, publish } = await aTopic();
  await publish(observation('gone', 1, 1));
  for (let at = 2; at < 600; at++) await publish(observation('a', 1, at));
  let read = await lags.read(0);
  for (let turn = 0; turn < 10; turn++) read = await lags.read(0);

  expect([...read.keys()]).toEqual(['a']);
});

const all = (lagSeconds: number, observedAt: number) =>
  new Map(liveGroups.map((group) => [group, observation(group, lagSeconds, observedAt)]));

test('the live lag is the greatest of its groups, and unknown when one of them was not observed lately', () => {
  const observed = all(1, 5000);
  observed.set(liveGroups[1], observation(liveGroups[1], 4, 4000));
  expect(liveLagOf(observed, 6000)).toEqual({ lagSeconds: 4, observedAt: 4000 });
  expect(liveLagOf(observed, 4001 + silentAfterMs)).toBeNull();
  expect(liveLagOf(observed, 4999 - silentAfterMs)).toBeNull();
  observed.delete(liveGroups[0]);
  expect(liveLagOf(observed, 6000)).toBeNull();
});

test('a batch stops at the high mark, goes on below the low one, and asks once a second', async () => {
  let nowMs = 0;
  let looks = 0;
  const lagsByLook = [0, 2, 1.9, 1.5, 0.5, 1.9];
  const told: boolean[] = [];
  const wait = createYieldToLive({
    observed: { read: async () => all(lagsByLook[looks++] ?? 0, nowMs) },
    clock: { now: () => nowMs },
    sleep: async (ms) => void (nowMs += ms),
    onWaiting: (waiting) => void told.push(waiting),
  });
  await wait();
  await wait();
  expect(looks).toBe(1);
  nowMs += 1000;
  await wait();
  expect({ looks, nowMs, told }).toEqual({ looks: 5, nowMs: 4000, told: [true, false] });
  nowMs += 1000;
  await wait();
  expect({ looks, told }).toEqual({ looks: 6, told: [true, false] });
});

test('a batch goes on while the observer cannot be read', async () => {
  const read = async () => {
    throw new Error('away');
  };
  const wait = createYieldToLive({ observed: { read }, clock: { now: () => 1 }, sleep: async () => undefined });

  await expect(wait()).resolves.toBeUndefined();
});

test('while the observer is silent a batch goes on', async () => {
  const wait = createYieldToLive({
    observed: { read: async () => all(100, -silentAfterMs) },
    clock: { now: () => 1 },
    sleep: async () => {
      throw new Error('waited');
    },
  });

  await expect(wait()).resolves.toBeUndefined();
});
