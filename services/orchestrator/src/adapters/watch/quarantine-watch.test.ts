import { expect, test } from '@jest/globals';
import { createMemoryBroker, createMemoryRegistry, type EngineClock, type KafkaClient } from '@vigil/kafka';
import { createQuarantineMeasure, type QuarantineAge, type QuarantineSources } from './measure-quarantines.ts';
import { startQuarantineWatch } from './start-quarantine-watch.ts';

const first = 'vitals.reading.received.v1.device-ingest.dlq';
const second = 'alerts.alert.raised.v1.alert-router.dlq';
const nowMs = 1_000_000;
const clock = { now: () => nowMs };

async function fleet(): Promise<KafkaClient> {
  const broker = createMemoryBroker({ clock });
  for (const name of [first, second]) broker.createTopic(name, 2, {});
  const client = broker.connect();
  const producer = await client.openIdempotentProducer();
  const record = (partition: number, timestamp: number) => ({ topic: first, partition, key: null, value: null, headers: [], timestamp });
  await producer.send([record(0, nowMs - 7000), record(0, nowMs - 90_000), record(1, nowMs - 9000)]);
  await producer.close();
  return client;
}

type Settled = QuarantineSources['settled'];
const nothingSettled: Settled = { read: async () => new Map() };
const measureOf = (client: KafkaClient, settled: Settled = nothingSettled) => createQuarantineMeasure({ client, settled, clock });

test('the oldest record of each quarantine is the first of one of its partitions', async () => {
  expect(await measureOf(await fleet()).measure()).toEqual(
    expect.arrayContaining([
      { topic: first, oldestAgeMs: 9000 },
      { topic: second, oldestAgeMs: 0 },
    ]),
  );
});

test('what was sent back or discarded is not waited for; the next look begins where the first open record stood', async () => {
  const client = await fleet();
  const settled = new Map([
    [0, new Set([0, 1])],
    [1, new Set<number>()],
  ]);
  const asked: (readonly number[])[] = [];
  const { measure } = measureOf(client, {
    read: async ({ topic }, from) => {
      if (topic === first) asked.push(from);
      return topic === first ? settled : new Map();
    },
  });
  const ofFirst = async () => (await measure()).find(({ topic }) => topic === first)?.oldestAgeMs;
  expect(await ofFirst()).toBe(9000);
  settled.set(1, new Set([0]));
  expect(await ofFirst()).toBe(0);

  const producer = await client.openIdempotentProducer();
  await producer.send([{ topic: first, partition: 0, key: null, value: null, headers: [], timestamp: nowMs - 4000 }]);
  await producer.close();
  expect(await ofFirst()).toBe(4000);
  expect(asked).toEqual([
    [0, 0],
    [2, 0],
    [2, 1],
  ]);
});

test('a partition that holds nothing but markers is not old', async () => {
  const broker = createMemoryBroker({ clock });
  broker.createTopic(first, 1, {});
  const client = broker.connect();
  const producer = await client.openTransactionalProducer({ transactionalId: 't', transactionTimeoutMs: 1000 });
  await producer.fence();
  await producer.begin();
  await producer.send([{ topic: first, partition: 0, key: null, value: null, headers: [], timestamp: 1 }]);
  await producer.abort();
  await producer.close();

  expect(await measureOf(client).measure()).toEqual([{ topic: first, oldestAgeMs: 0 }]);
});

interface Watched {
  readonly seen: QuarantineAge[];
  readonly failures: string[];
  /** Lets the next minute pass. */
  readonly pass: () => void;
  readonly close: () => Promise<void>;
}

function watching(client: KafkaClient, isActive: () => boolean): Watched {
  const due: (() => void)[] = [];
  const closers: (() => unknown)[] = [];
  const seen: QuarantineAge[] = [];
  const failures: string[] = [];
  const ticking: EngineClock = { now: () => nowMs, after: (_, callback) => (due.push(callback), () => due.splice(0)) };
  const events = {
    quarantineObserved: (age: QuarantineAge) => void seen.push(age),
    quarantineNotObserved: ({ code }: { readonly code: string }) => void failures.push(code),
  };
  startQuarantineWatch(
    {
      client,
      registry: createMemoryRegistry(),
      settled: { ...nothingSettled, close: async () => undefined },
      forgetFigures: () => void seen.splice(0),
      events,
      onClose: (_, close) => void closers.push(close),
    },
    isActive,
    ticking,
  );
  return { seen, failures, pass: () => due.shift()?.(), close: async () => void (await closers[0]?.()) };
}

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => void setImmediate(resolve));
};

test('only the active instance looks, again every minute, and one that stands by shows no figures', async () => {
  let active = false;
  const { seen, pass, close } = watching(await fleet(), () => active);
  await new Promise((resolve) => void setImmediate(resolve));
  expect(seen).toEqual([]);
  active = true;
  pass();
  await until(() => seen.length === 2);
  expect(seen).toContainEqual({ topic: first, oldestAgeMs: 9000 });

  active = false;
  await new Promise((resolve) => void setImmediate(resolve));
  pass();
  await until(() => seen.length === 0);
  await close();
});

test('a look that failed is told, and the next is taken', async () => {
  const client = await fleet();
  let away = true;
  const describeTopics: KafkaClient['admin']['describeTopics'] = async (names) => {
    if (away) throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    return client.admin.describeTopics(names);
  };
  const { seen, failures, pass, close } = watching({ ...client, admin: { ...client.admin, describeTopics } }, () => true);
  await until(() => failures.length === 1);
  away = false;
  await new Promise((resolve) => void setImmediate(resolve));
  pass();
  await until(() => seen.length === 2);
  await close();

  expect(failures).toEqual([expect.any(String)]);
});
