import { afterEach, expect, test } from '@jest/globals';
import { VigilError } from '@vigil/core';
import { topics } from '@vigil/contracts';
import { createMemorySinkTarget } from '../memory/memory-sink-target.ts';
import { originFromHeaders, textHeader } from '../engine/record-headers.ts';
import { openLedger } from '../ledger/read-ledger.ts';
import type { SinkTarget } from './sink-target.ts';
import { createSinkRig, dlqTopic, group, retryTopic, source, spec, until } from './sink-rig.fixture.ts';

type Rig = Awaited<ReturnType<typeof createSinkRig>>;
const rigs: Rig[] = [];

const aRig = async (options?: Parameters<typeof createSinkRig>[0]): Promise<Rig> => {
  const rig = await createSinkRig(options);
  rigs.push(rig);
  return rig;
};

afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.stop();
});

const place = { topic: source.name, partition: 0 };

test('every record is written once, in order, and the ledger says so', async () => {
  const rig = await aRig();
  const names = Array.from({ length: 230 }, (_, index) => `p${index}`);
  await rig.send(names);

  const stage = await rig.start();
  await until(() => stage.health().drained && rig.tokens().length === names.length);
  await rig.stop();

  expect(rig.tokens()).toEqual(names);
  expect(rig.target.positionOf(place)).toBe(230);
  const rows = await rig.ledger();
  expect(rows.reduce((sum, { consumed }) => sum + Number(consumed), 0)).toBe(230);
  expect(rows[0]).toMatchObject({ stage: group, topic: source.name, partition: 0, firstOffset: 0, batchId: null, rejected: 0 });
  expect(rows.every(({ consumed, processed, outputs }) => consumed === processed && (outputs as { rows: number }).rows === processed)).toBe(
    true,
  );
});

test('a caught-up sink moves its position past the markers of transactions, and is drained', async () => {
  const rig = await aRig();
  await rig.send(['a', 'b'], { transactional: true });

  const stage = await rig.start();
  await until(() => stage.health().drained && rig.target.positionOf(place) === 3);

  expect(stage.health()).toMatchObject({ state: 'running', openTasks: 1, assigned: [0], lagSeconds: 0, drained: true });
  expect(stage.health().partitions[0]).toMatchObject({ ...place, position: 3, committed: 3, end: 3, lagRecords: 0 });
});

test('poison is quarantined with exact bytes and safe headers before the others are written', async () => {
  const rig = await aRig();
  const poison = Buffer.from([1, 2, 3, 0xff]);
  await rig.sendValues([rig.valueOf('good'), poison], { headers: [['vigil-batch-id', Buffer.from('b1')]] });

  const stage = await rig.start();
  await until(() => stage.health().drained && rig.quarantined().length === 1);
  await rig.stop();

  const [letter] = rig.quarantined();
  expect(letter?.value).toEqual(poison);
  const headers = letter?.headers() ?? [];
  expect(originFromHeaders(headers)).toMatchObject({ ...place, offset: 1 });
  expect(
    ['vigil-error-code', 'vigil-error-stage', 'vigil-attempt', 'vigil-batch-id', 'vigil-origin-group'].map((name) =>
      textHeader(headers, name),
    ),
  ).toEqual(['MALFORMED_AVRO', 'decode', '1', 'b1', group]);
  expect(rig.tokens()).toEqual(['good']);
  expect((await rig.ledger())[0]).toMatchObject({
    batchId: 'b1',
    consumed: 2,
    processed: 1,
    rejected: 1,
    outputs: { rows: 1, [dlqTopic]: 1 },
  });
  expect(rig.events).toContainEqual(expect.objectContaining({ type: 'quarantined', offset: 1, code: 'MALFORMED_AVRO' }));
});

test('a schema id that the registry does not know is quarantined, one that is registered meanwhile is read', async () => {
  const rig = await aRig();
  await rig.sendValues([Buffer.from([0, 0, 0, 0, 99, 1])]);
  const stage = await rig.start();
  await until(() => stage.health().drained && rig.quarantined().length === 1);

  expect(textHeader(rig.quarantined()[0]?.headers() ?? [], 'vigil-error-code')).toBe('UNKNOWN_SCHEMA_ID');
  expect(textHeader(rig.quarantined()[0]?.headers() ?? [], 'vigil-schema-id')).toBe('99');
});

test('a registry that is away pauses the sink and quarantines nothing', async () => {
  const rig = await aRig();
  rig.registry.setAway(true);
  await rig.sendValues([Buffer.from([0, 0, 0, 0, 99, 1])]);
  const stage = await rig.start();
  await until(() => rig.events.filter(({ type }) => type === 'retrying').length > 3);

  expect(rig.quarantined()).toHaveLength(0);
  expect(stage.health().state).not.toBe('failed');
  rig.registry.setAway(false);
  await until(() => rig.quarantined().length === 1);
});

test('an empty value is a tombstone on a compacted topic and poison on another', async () => {
  const rig = await aRig();
  await rig.sendValues([null, rig.valueOf('x')]);
  await rig.start();
  await until(() => rig.tokens().length === 2);
  expect(rig.tokens()).toEqual([null, 'x']);

  const other = topics.alertRaised;
  const name = 'alert-router';
  for (const topic of [other.name, `${other.name}.${name}.dlq`]) rig.broker.createTopic(topic, 1);
  await rig.sendValues([null], { topic: other.name });
  await rig.start({ spec: { name, sources: [{ topic: other, read: 'decoded' }] } });
  const dlq = () => rig.broker.log({ topic: `${other.name}.${name}.dlq`, partition: 0 }).read(0, 9).records;
  await until(() => dlq().length === 1);
  expect(textHeader(dlq()[0]?.headers() ?? [], 'vigil-error-code')).toBe('EMPTY_VALUE');
});

test('a raw source refuses nothing and hands out the bytes', async () => {
  const rig = await aRig();
  await rig.sendValues([Buffer.from('not avro'), null]);
  await rig.start({ spec: { ...spec, sources: [{ topic: source, read: 'raw' }] } });
  await until(() => rig.target.rows.length === 2);

  expect(rig.target.rows.map(({ record }) => record.raw.value?.toString() ?? null)).toEqual(['not avro', null]);
  expect(rig.quarantined()).toHaveLength(0);
});

test('a requeued record keeps its origin, and its second quarantine counts its attempts', async () => {
  const rig = await aRig();
  const origin = { topic: source.name, partition: 0, offset: 17, timestamp: 1_700_000_000_000 };
  const headers = [
    ['vigil-origin-topic', Buffer.from(origin.topic)],
    ['vigil-origin-partition', Buffer.from('0')],
    ['vigil-origin-offset', Buffer.from('17')],
    ['vigil-origin-timestamp', Buffer.from('1700000000000')],
    ['vigil-attempt', Buffer.from('1')],
  ] as const;
  await rig.sendValues([rig.valueOf('again'), Buffer.from('still bad')], { topic: retryTopic, headers });
  await rig.start();
  await until(() => rig.target.rows.length === 1 && rig.quarantined().length === 1);

  expect(rig.target.rows[0]).toMatchObject({ topic: retryTopic, partition: 0, record: { offset: 0, origin } });
  const letter = rig.quarantined()[0]?.headers() ?? [];
  expect(originFromHeaders(letter)).toEqual(origin);
  expect(textHeader(letter, 'vigil-attempt')).toBe('2');
});

test('what the target refuses is found by halving, quarantined, and the rest is written once', async () => {
  const refused = (value: unknown) => ['p3', 'p11'].includes((value as { patientToken: string }).patientToken);
  const rig = await aRig({
    hook: (operation, batch) => {
      const bad = batch?.slices.some(({ records }) => records.some(({ value }) => refused(value)));
      if (operation === 'write' && bad) throw new VigilError('ROW_REFUSED');
    },
  });
  const names = Array.from({ length: 20 }, (_, index) => `p${index}`);
  await rig.send(names);
  const stage = await rig.start();
  await until(() => stage.health().drained && rig.target.positionOf(place) === 20);
  await rig.stop();

  expect(rig.tokens()).toEqual(names.filter((name) => name !== 'p3' && name !== 'p11'));
  expect(rig.quarantined().map((letter) => textHeader(letter.headers(), 'vigil-error-stage'))).toEqual(['write', 'write']);
  const rows = await rig.ledger();
  const sum = (field: string) => rows.reduce((total, row) => total + Number(row[field]), 0);
  expect([sum('consumed'), sum('processed'), sum('rejected')]).toEqual([20, 18, 2]);
});

test('a dependency that is away is tried again from the stored position: nothing lost, nothing twice', async () => {
  let failures = 5;
  const rig = await aRig({
    hook: (operation) => {
      if (operation !== 'acquire' && failures-- > 0) throw new VigilError('DATABASE_AWAY');
    },
  });
  const names = Array.from({ length: 60 }, (_, index) => `p${index}`);
  await rig.send(names);
  await rig.start();
  await until(() => rig.tokens().length >= 60);

  expect(rig.tokens()).toEqual(names);
  expect(rig.events.filter(({ type }) => type === 'retrying').length).toBeGreaterThan(0);
});

test('a commit whose answer is lost is recognised by the stored position', async () => {
  let lost = 3;
  const rig = await aRig({
    hook: (operation) => {
      if (operation === 'written' && lost-- > 0) throw new VigilError('DATABASE_AWAY');
    },
  });
  const names = Array.from({ length: 40 }, (_, index) => `p${index}`);
  await rig.send(names);
  await rig.start();
  await until(() => rig.target.positionOf(place) === 40);

  expect(rig.tokens()).toEqual(names);
});

test('a sink that is told twice to drain writes everything once', async () => {
  // A batch with records takes longer than one that only moves the position.
  const rig = await aRig({
    hook: async (operation, batch) => {
      if (operation === 'write' && batch?.slices.some(({ records }) => records.length > 0))
        await new Promise((done) => setTimeout(done, 20));
    },
  });
  // Only the drain makes a write due.
  const stage = await rig.start({ spec: { ...spec, limits: { maxWaitMs: 60_000, idleMs: 60_000 } } });
  await until(() => stage.health().drained);
  await rig.send(['a', 'b', 'c']);
  await until(() => stage.health().partitions[0]?.end === 3);
  await Promise.all([stage.drain({ withinMs: 5_000 }), stage.drain({ withinMs: 5_000 })]);

  expect(rig.tokens()).toEqual(['a', 'b', 'c']);
  expect(rig.target.positionOf(place)).toBe(3);
});

test('a rewound sink is fenced, asks whether it is still a member, and loads again', async () => {
  const rig = await aRig();
  const stage = await rig.start();
  await rig.send(['a', 'b', 'c']);
  await until(() => rig.tokens().length === 3);
  rig.target.rewind(place, 1);
  await rig.send(['d']);
  await until(() => rig.tokens().length === 4);

  expect(rig.tokens()).toEqual(['a', 'b', 'c', 'd']);
  expect(stage.health().state).toBe('running');
});

test('an idle sink that was rewound finds out by itself', async () => {
  const rig = await aRig();
  await rig.send(['a', 'b', 'c']);
  await rig.start();
  await until(() => rig.tokens().length === 3);
  rig.target.rewind(place, 1);
  await until(() => rig.tokens().length === 3);

  expect(rig.tokens()).toEqual(['a', 'b', 'c']);
});

test('a paused owner whose partition went to another writes nothing when it wakes', async () => {
  const paused = Promise.withResolvers<void>();
  let hold = true;
  const rig = await aRig({
    hook: async (operation) => {
      if (operation !== 'write' || !hold) return;
      hold = false;
      await paused.promise;
    },
  });
  await rig.send(['a', 'b']);
  const zombie = await rig.start();
  await until(() => !hold);
  rig.broker.expel(group, rig.broker.members(group));
  await rig.start();
  await until(() => rig.tokens().length === 2);
  paused.resolve();
  await rig.send(['c']);
  await until(() => rig.tokens().length === 3);

  expect(rig.tokens()).toEqual(['a', 'b', 'c']);
  expect(zombie.health().state).toBe('running');
});

test('two members share the partitions and together write everything once', async () => {
  const rig = await aRig({ partitions: 4 });
  const first = await rig.start();
  const second = await rig.start();
  for (const partition of [0, 1, 2, 3]) await rig.send([`x${partition}`, `y${partition}`], { partition });
  await until(() => rig.tokens().length >= 8 && first.health().drained && second.health().drained);

  expect(new Set(rig.tokens())).toEqual(new Set(['x0', 'x1', 'x2', 'x3', 'y0', 'y1', 'y2', 'y3']));
  expect(rig.tokens()).toHaveLength(8);
  expect([...first.health().assigned, ...second.health().assigned].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
  expect(await first.drain({ withinMs: 1_000 })).toBe(true);
  await rig.send(['z0'], { partition: 0 });
  await until(() => rig.tokens().length === 9);
});

test('a recreated topic and a position outside the log are refused for good', async () => {
  const rig = await aRig();
  await rig.send(['a', 'b', 'c']);
  const first = await rig.start();
  await until(() => rig.tokens().length === 3);
  await first.drain({ withinMs: 1_000 });

  rig.broker.log(place).deleteBefore(3);
  rig.target.rewind(place, 1);
  const behind = await rig.start();
  await expect(behind.finished).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
  expect(behind.health().state).toBe('failed');
  expect(await behind.drain({ withinMs: 10 })).toBe(false);

  rig.broker.deleteTopic(source.name);
  rig.broker.createTopic(source.name, 1);
  const recreated = await rig.start();
  await expect(recreated.finished).rejects.toMatchObject({ code: 'TOPIC_RECREATED' });
});

test('missing topics and unequal partition counts are named before anything is read', async () => {
  const rig = await aRig();
  rig.broker.deleteTopic(source.name);
  await expect(rig.start()).rejects.toMatchObject({ code: 'TOPIC_MISSING', message: expect.stringContaining(source.name) });
  rig.broker.createTopic(source.name, 3);
  await expect(rig.start()).rejects.toMatchObject({ code: 'PARTITION_MISMATCH' });
});

test('too much quarantine in a row stops the sink', async () => {
  const rig = await aRig();
  await rig.sendValues(Array.from({ length: 30 }, () => Buffer.from('bad')));
  const stage = await rig.start({ settings: { pollMs: 10, quarantine: { consecutive: 10, ratio: 1, ratioMinRecords: 1_000 } } });

  await expect(stage.finished).rejects.toMatchObject({ code: 'QUARANTINE_LIMIT' });
  expect(rig.target.positionOf(place)).toBe(0);
});

test('a quarantine that cannot be written ends the sink, one that is away is tried again', async () => {
  const rig = await aRig();
  await rig.sendValues([Buffer.from('bad')]);
  let away = 2;
  const failing = (error: () => unknown) => ({
    hook: async (operation: string) => {
      if (operation === 'produce:before' && away-- > 0) throw error();
    },
  });
  const stage = await rig.start({ connect: failing(() => new VigilError('KAFKA_AWAY')) });
  await until(() => rig.quarantined().length === 1);
  await stage.drain({ withinMs: 1_000 });

  await rig.sendValues([Buffer.from('bad')]);
  away = 1;
  const refused = await rig.start({ connect: failing(() => new VigilError('ACCESS_DENIED')) });
  await expect(refused.finished).rejects.toMatchObject({ code: 'QUARANTINE_WRITE_FAILED' });
});

test('Kafka away while reading is waited for; a corrupt batch ends the sink', async () => {
  const rig = await aRig();
  let away = 3;
  const stage = await rig.start({
    connect: {
      hook: async (operation) => {
        if (operation === 'poll' && away-- > 0) throw new VigilError('KAFKA_AWAY');
      },
    },
  });
  await until(() => stage.health().state === 'waiting');
  await rig.send(['a']);
  await until(() => rig.tokens().length === 1);
  expect(stage.health().state).toBe('running');
  await stage.drain({ withinMs: 1_000 });

  const corrupt = await rig.start({
    connect: {
      hook: async (operation) => {
        if (operation === 'poll') throw new VigilError('CORRUPT_BATCH');
      },
    },
  });
  await expect(corrupt.finished).rejects.toMatchObject({ code: 'CORRUPT_BATCH' });
});

test('what is read ahead is bounded while the target is slow', async () => {
  const slow = Promise.withResolvers<void>();
  const rig = await aRig({ hook: (operation) => (operation === 'write' ? slow.promise : undefined) });
  await rig.send(Array.from({ length: 500 }, (_, index) => `p${index}`));
  await rig.start();
  await until(() => rig.events.some((event) => event.type === 'backpressure' && event.paused));
  slow.resolve();
  await until(() => rig.tokens().length === 500);

  expect(rig.tokens()).toHaveLength(new Set(rig.tokens()).size);
  expect(rig.target.batches.every(({ slices }) => slices.every(({ records }) => records.length <= 50))).toBe(true);
  expect(rig.events).toContainEqual(expect.objectContaining({ type: 'backpressure', paused: false }));
});

test('a drain writes what was read, copies the position to the group and leaves', async () => {
  const rig = await aRig();
  await rig.send(['a', 'b']);
  const stage = await rig.start({ spec: { ...spec, limits: { maxWaitMs: 60_000, idleMs: 60_000 } } });
  await until(() => stage.health().openTasks === 1 && stage.health().lagSeconds >= 0 && stage.health().partitions.length > 0);
  await until(() => rig.events.some(({ type }) => type === 'assigned'));
  await new Promise((resolve) => void setTimeout(resolve, 50));
  expect(rig.tokens()).toEqual([]);

  expect(await stage.drain({ withinMs: 2_000 })).toBe(true);
  await stage.finished;

  expect(rig.tokens()).toEqual(['a', 'b']);
  expect(rig.broker.members(group)).toEqual([]);
  const admin = rig.broker.connect().admin;
  const committed = await admin.committed(group, [source.name]);
  expect(committed[0]).toMatchObject({ offset: 2 });
  expect(stage.health().state).toBe('stopped');
  expect(await stage.drain({ withinMs: 1 })).toBe(true);
});

test('a drain that does not end in time says so', async () => {
  const never = Promise.withResolvers<void>();
  const rig = await aRig({ hook: (operation) => (operation === 'write' ? never.promise : undefined) });
  await rig.send(['a']);
  const stage = await rig.start();
  await until(() => rig.events.some(({ type }) => type === 'assigned'));
  await new Promise((resolve) => void setTimeout(resolve, 50));

  expect(await stage.drain({ withinMs: 20 })).toBe(false);
  never.resolve();
});

test('ledger rows that could not be published wait in the target and are published later', async () => {
  const rig = await aRig();
  let away = true;
  const stage = await rig.start({
    connect: {
      hook: async (operation) => {
        if (operation === 'produce:before' && away) throw new VigilError('KAFKA_AWAY');
      },
    },
  });
  await rig.send(['a']);
  await until(() => rig.tokens().length === 1 && rig.events.some((event) => event.type === 'retrying' && event.partition === null));
  expect(await rig.ledger()).toHaveLength(0);
  away = false;
  await stage.drain({ withinMs: 2_000 });

  expect(await rig.ledger()).toHaveLength(1);
});

test('rows that are published again because the session was cut after the acknowledgement count once', async () => {
  const rig = await aRig();
  let cuts = 2;
  const target: SinkTarget = {
    ...rig.target,
    relayLedger: (publish) =>
      rig.target.relayLedger(async (rows) => {
        await publish(rows);
        if (cuts-- > 0) throw new VigilError('DATABASE_AWAY');
      }),
  };
  await rig.send(Array.from({ length: 120 }, (_, index) => `p${index}`));
  const stage = await rig.start({ target });
  await until(() => cuts < 0);
  await stage.drain({ withinMs: 2_000 });

  const published = (await rig.ledger()).map(({ firstOffset }) => firstOffset);
  expect(published.length).toBeGreaterThan(new Set(published).size);
  for (const rememberRows of [undefined, 20_000]) {
    const reader = await openLedger({ client: rig.broker.connect(), registry: rig.registry, ...(rememberRows && { rememberRows }) });
    expect(await reader.catchUp()).toMatchObject([{ stage: group, topic: source.name, consumed: 120, processed: 120 }]);
    await reader.close();
  }
});

test('a ledger topic that is missing is named, and the rows wait', async () => {
  const rig = await aRig();
  rig.broker.deleteTopic(topics.batchProgressed.name);
  await rig.send(['a'], { key: null });
  const stage = await rig.start();
  await until(() => rig.events.some((event) => event.type === 'retrying' && event.code === 'TOPIC_MISSING'));
  expect(rig.tokens()).toEqual(['a']);
  expect(rig.target.rows[0]?.record.key).toBeNull();

  rig.broker.createTopic(topics.batchProgressed.name, 1);
  await stage.drain({ withinMs: 2_000 });
  expect(await rig.ledger()).toHaveLength(1);
});

test('while the target is away the lag grows, and attempts are spaced out although taking over succeeds', async () => {
  let away = true;
  const rig = await aRig({
    hook: (operation) => {
      if (operation === 'write' && away) throw new VigilError('DATABASE_AWAY');
    },
  });
  await rig.send(['a']);
  const stage = await rig.start({ random: () => 1 });
  const retries = () => rig.events.flatMap((event) => (event.type === 'retrying' ? [event] : []));
  await until(() => retries().length >= 4 && stage.health().lagSeconds > 0.01);

  expect(
    retries()
      .slice(0, 4)
      .map(({ attempt, delayMs }) => [attempt, delayMs]),
  ).toEqual([
    [1, 1],
    [2, 2],
    [3, 4],
    [4, 8],
  ]);
  away = false;
  await until(() => rig.tokens().length === 1 && stage.health().lagSeconds === 0);
});

test('a fenced sink that cannot ask the coordinator tries to take over', async () => {
  const rig = await aRig();
  await rig.start({
    connect: {
      hook: async (operation) => {
        if (operation === 'confirm') throw new VigilError('KAFKA_AWAY');
      },
    },
  });
  await rig.send(['a', 'b']);
  await until(() => rig.tokens().length === 2);
  rig.target.rewind(place, 1);
  await rig.send(['c']);
  await until(() => rig.tokens().length === 3);
  expect(rig.tokens()).toEqual(['a', 'b', 'c']);
});

test('a sink that is drained while it waits for its database ends and stays ended', async () => {
  const rig = await aRig({
    hook: (operation) => {
      if (operation === 'acquire') throw new VigilError('DATABASE_AWAY');
    },
  });
  const stage = await rig.start({ settings: { pollMs: 5, retryBaseMs: 50 }, random: () => 1 });
  await until(() => stage.health().state === 'waiting');
  expect(await stage.drain({ withinMs: 1_000 })).toBe(true);
  const events = rig.events.length;
  await new Promise((resolve) => void setTimeout(resolve, 120));
  expect(rig.events).toHaveLength(events);
});

test('an owner that loses its partition while it takes it over reads nothing of it', async () => {
  const held = Promise.withResolvers<void>();
  let acquisitions = 0;
  const rig = await aRig({ hook: (operation) => (operation === 'acquire' && ++acquisitions === 1 ? held.promise : undefined) });
  await rig.send(['a']);
  await rig.start();
  await until(() => acquisitions === 1);
  await rig.start();
  held.resolve();
  await until(() => rig.tokens().length === 1);
  expect(rig.tokens()).toEqual(['a']);
});

test('a group that refuses the member ends the sink once, whatever else is reported', async () => {
  const rig = await aRig();
  const client = rig.broker.connect();
  let fatal: ((error: unknown) => void) | undefined;
  const stage = await rig.start({
    client: {
      ...client,
      join: (options) => {
        fatal = (error) => options.listener.onFatal(error);
        return client.join(options);
      },
    },
  });
  await until(() => stage.health().openTasks === 1);
  fatal?.(new VigilError('ACCESS_DENIED'));
  fatal?.(new VigilError('CORRUPT_BATCH'));

  await expect(stage.finished).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  expect(rig.events.filter(({ type }) => type === 'failed')).toHaveLength(1);
});

test('a target that is not told what to hook into hooks into nothing', async () => {
  const target = createMemorySinkTarget();
  const [lease] = await target.acquire([{ ...place, topicId: null, startOffset: 3 }]);
  expect(lease).toEqual({ ...place, epoch: 1, nextOffset: 3 });
  expect(await target.holds([{ ...place, epoch: 2, nextOffset: 3 }])).toBe(false);
});

test('membership that fails for good ends the sink', async () => {
  const rig = await aRig();
  await expect(
    rig.start({
      connect: {
        hook: async (operation) => {
          if (operation === 'join') throw new VigilError('ACCESS_DENIED');
        },
      },
    }),
  ).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
});
