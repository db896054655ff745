import { readdirSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import {
  createMemoryBroker,
  createMemoryRegistry,
  createValueEncoder,
  liveGroups,
  partitionOf,
  readWhole,
  type FetchedRecord,
  type KafkaClient,
} from '@vigil/kafka';
import { sendMessages } from './send-messages.ts';

const nowMs = Date.parse('2026-01-01T00:00:00Z');
const clock = { now: () => nowMs };
const readings = topics.vitalsReadingReceived.name;
const pipe = (text: string): Readable => Readable.from([Buffer.from(text)]);
const noInput = Readable.from([]);

async function fileWith(text: string): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'vigil-test-')), 'input');
  await writeFile(path, text);
  return path;
}

interface Read {
  readonly record: FetchedRecord;
  readonly partition: number;
}

async function recordsOf(client: KafkaClient, topic: string): Promise<Read[]> {
  const records: Read[] = [];
  const places = [0, 1, 2, 3].map((partition) => ({ topic, partition }));
  await readWhole({ client, places, pollMs: 100, onRecord: ({ partition }, record) => records.push({ record, partition }) });
  return records;
}

const textsOf = (records: readonly Read[]): (string | undefined)[] =>
  records.map(({ record }) => record.value?.toString()).sort((a = '', b = '') => (a < b ? -1 : 1));

function aBroker() {
  const broker = createMemoryBroker({ clock });
  broker.createTopic(readings, 4);
  broker.createTopic(topics.patientsRecordReceived.name, 4);
  return broker;
}

test('messages arrive byte for byte, keyed by device, on the partition Java would choose', async () => {
  const client = aBroker().connect();
  const lines = ['{"device_id":"M1","hr": 1.50}', '{"device_id":"M2"}', 'nonsense', '{"device_id":"M1"'];

  const report = await sendMessages(
    client,
    { kind: 'readings', file: await fileWith(lines.join('\n')), batchId: 'b-1' },
    { stdin: noInput, clock },
  );

  const records = await recordsOf(client, readings);
  expect(report).toEqual({ sent: 4, rejected: 0, seconds: 0, rejections: [] });
  expect(textsOf(records)).toEqual(['nonsense', '{"device_id":"M1"', '{"device_id":"M1","hr": 1.50}', '{"device_id":"M2"}']);
  for (const { record, partition } of records) if (record.key) expect(partition).toBe(partitionOf(record.key, 4));
  expect(records.filter(({ record }) => record.key === null)).toHaveLength(1);
  expect(records[0]?.record.headers()).toEqual([['vigil-batch-id', Buffer.from('b-1')]]);
});

/** Publishes this lag of every live group, as the lag observer does. */
async function observeLag(client: KafkaClient, registry: ReturnType<typeof createMemoryRegistry>, lagSeconds: number): Promise<void> {
  const encode = createValueEncoder(topics.lagObserved.schema, registry.register(topics.lagObserved.schema));
  const producer = await client.openIdempotentProducer();
  const rest = { state: 'OK', lagRecords: 1, slope: 0, worstTopic: '', worstPartition: -1, observedAt: nowMs };
  const values = liveGroups.map((group) => encode({ ...rest, group, lagSeconds }));
  await producer.send(
    values.map((value) => ({ topic: topics.lagObserved.name, partition: 0, key: null, value, headers: [], timestamp: null })),
  );
}

test('a batch waits while the live stream is behind; what has no batch id is a device’s and does not', async () => {
  const broker = aBroker();
  broker.createTopic(topics.lagObserved.name, 1);
  const client = broker.connect();
  const registry = createMemoryRegistry();
  await observeLag(client, registry, 5);
  const told: boolean[] = [];
  let caughtUp: Promise<void> | undefined;
  const onWaiting = (waiting: boolean): void => {
    told.push(waiting);
    if (waiting)
      caughtUp = recordsOf(client, readings).then((records) => {
        expect(records).toEqual([]);
        return observeLag(client, registry, 0);
      });
  };
  const file = await fileWith('{"device_id":"M1"}');
  const deps = { stdin: noInput, clock, registry, onWaiting };

  expect(await sendMessages(client, { kind: 'readings', file, batchId: 'b-1' }, deps)).toMatchObject({ sent: 1 });
  await caughtUp;
  expect(told).toEqual([true, false]);

  await observeLag(client, registry, 5);
  expect(await sendMessages(client, { kind: 'readings', file }, deps)).toMatchObject({ sent: 1 });
  expect(told).toHaveLength(2);
});

test('registry entries are keyed by patient', async () => {
  const client = aBroker().connect();

  await sendMessages(client, { kind: 'patients', file: '-' }, { stdin: pipe('[{"patient_id":"P1"}]') });

  expect((await recordsOf(client, topics.patientsRecordReceived.name)).map(({ record }) => record.key?.toString())).toEqual(['P1']);
});

test('a message over 4 MB is rejected by name, the others are sent', async () => {
  const client = aBroker().connect();
  const large = `{"device_id":"M1","filler":"${'x'.repeat(5_000_000)}"}`;
  const stdin = pipe(`{"device_id":"M1"}\n${`${large}\n`.repeat(2)}{"device_id":"M2"}`);

  const report = await sendMessages(client, { kind: 'readings', file: '-' }, { stdin, clock });

  expect(report).toMatchObject({
    sent: 2,
    rejected: 2,
    rejections: [
      { place: 2, code: 'MESSAGE_TOO_LARGE' },
      { place: 3, code: 'MESSAGE_TOO_LARGE' },
    ],
  });
});

test('only the first rejections are kept, all are counted', async () => {
  const client = aBroker().connect();
  const line = 'x'.repeat(4 * 1024 * 1024);

  const report = await sendMessages(
    client,
    { kind: 'readings', file: '-' },
    { stdin: Readable.from(Array.from({ length: 22 }, () => Buffer.from(`${line}\n`))), clock },
  );

  expect(report).toMatchObject({ sent: 0, rejected: 22 });
  expect(report.rejections).toHaveLength(20);
});

test('all timestamps move by one offset, so that the latest is now; a pipe is read twice and its copy removed', async () => {
  const spools = () => readdirSync(tmpdir()).filter((name) => name.startsWith('vigil-send-')).length; // prettier-ignore
  const before = spools();
  const client = aBroker().connect();
  const stdin = pipe(
    '{"device_id":"M1","timestamp":"2024-03-15T14:30:00Z"}\n{"device_id":"M1","timestamp":"2024-03-15T14:30:05.5Z"}\nnonsense',
  );

  await sendMessages(client, { kind: 'readings', file: '-', shiftToNow: true }, { stdin, clock });

  expect(textsOf(await recordsOf(client, readings))).toEqual([
    'nonsense',
    '{"device_id":"M1","timestamp":"2025-12-31T23:59:54.500Z"}',
    '{"device_id":"M1","timestamp":"2026-01-01T00:00:00.000Z"}',
  ]);
  expect(spools()).toBe(before);
});

test('without any timestamp nothing moves', async () => {
  const client = aBroker().connect();

  const file = await fileWith('{"device_id":"M1"}');
  const report = await sendMessages(client, { kind: 'readings', file, shiftToNow: true }, { stdin: noInput, clock });

  expect(report.sent).toBe(1);
});

test('a rate spreads the messages over time', async () => {
  const client = aBroker().connect();
  const file = await fileWith('{"device_id":"M1"}\n'.repeat(30));

  const report = await sendMessages(client, { kind: 'readings', file, rate: 100 }, { stdin: noInput });

  expect(report.sent).toBe(30);
  expect(report.seconds).toBeGreaterThanOrEqual(0.24);
});

test('many messages go in several requests', async () => {
  const requests: number[] = [];
  const inner = aBroker().connect();
  const client: KafkaClient = {
    ...inner,
    openIdempotentProducer: async () => {
      const producer = await inner.openIdempotentProducer();
      return { ...producer, send: (records) => (requests.push(records.length), producer.send(records)) };
    },
  };
  const small = '{"device_id":"M1"}\n'.repeat(4500);
  const large = `{"device_id":"M1","filler":"${'x'.repeat(700_000)}"}\n`.repeat(2);

  await sendMessages(client, { kind: 'readings', file: '-' }, { stdin: pipe(small + large), clock });

  expect(requests).toEqual([2000, 2000, 501, 1]);
});

test('when Kafka stops answering, only what was acknowledged is reported', async () => {
  let sends = 0;
  const client = aBroker().connect({
    hook: async (operation) => {
      if (operation === 'produce:before' && ++sends === 2) throw new VigilError('KAFKA_AWAY');
    },
  });
  const stdin = Readable.from([Buffer.from('{"device_id":"M1"}\n'), Buffer.from('{"device_id":"M2"}\n')]);

  expect(await sendMessages(client, { kind: 'readings', file: '-' }, { stdin, clock })).toMatchObject({
    sent: 1,
    error: { code: 'KAFKA_AWAY' },
  });
});

test.each([
  [new Error('bug'), 'bug'],
  ['thrown text', 'thrown text'],
])('a failure that nobody knows is told as it is', async (failure, message) => {
  const client = aBroker().connect({ hook: (operation) => (operation === 'produce:before' ? Promise.reject(failure) : Promise.resolve()) });

  const report = await sendMessages(client, { kind: 'readings', file: '-' }, { stdin: pipe('x'), clock });

  expect(report).toMatchObject({ sent: 0, error: { code: 'FAILED', message } });
});

test.each([
  ['/no/such/file', 'BAD_USAGE'],
  [tmpdir(), 'BAD_USAGE'],
])('%s is refused as %s', async (file, code) => {
  await expect(sendMessages(aBroker().connect(), { kind: 'readings', file }, { stdin: noInput })).rejects.toMatchObject({ code });
});

test('a pipe that breaks leaves no copy behind', async () => {
  const stdin = new Readable({ read: () => stdin.destroy(new Error('broken pipe')) });

  await expect(sendMessages(aBroker().connect(), { kind: 'readings', file: '-', shiftToNow: true }, { stdin })).rejects.toThrow(
    'broken pipe',
  );
});

test('a topic that was never created is named', async () => {
  const client = createMemoryBroker({ clock }).connect();

  await expect(sendMessages(client, { kind: 'readings', file: '-' }, { stdin: pipe('x') })).rejects.toMatchObject({
    code: 'TOPIC_MISSING',
  });
});
