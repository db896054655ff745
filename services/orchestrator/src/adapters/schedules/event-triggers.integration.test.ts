import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { compileWriter, createWireEncoder, topics, type ScoreRecorded } from '@vigil/contracts';
import {
  createMemoryBroker,
  createMemoryRegistry,
  systemEngineClock,
  type KafkaClient,
  type MemoryBroker,
  type SchemaRegistry,
} from '@vigil/kafka';
import { aWorkflow, startScheduleHarness, type ScheduleHarness } from '../../../fixtures/schedule-harness.ts';
import { createEventReader, type EventReader } from './create-event-reader.ts';
import { pollFileTriggers } from './poll-file-triggers.ts';
import { takeTriggers } from './take-triggers.ts';

const { name: topic, schema } = topics.scoreRecorded;
let harness: ScheduleHarness;
let registry: SchemaRegistry;
let broker: MemoryBroker;
let client: KafkaClient;
beforeAll(async () => {
  harness = await startScheduleHarness();
});
afterAll(() => harness.close());
beforeEach(async () => {
  await harness.forget();
  registry = createMemoryRegistry();
  broker = createMemoryBroker({ clock: systemEngineClock });
  broker.createTopic(topic, 2);
  client = broker.connect();
});

const aScore = (changes: Partial<ScoreRecorded>): ScoreRecorded => ({
  subject: 'file:1',
  column: '',
  source: 'ehr',
  period: '',
  records: 1,
  completeness: 1,
  validity: 1,
  uniqueness: 1,
  consistency: 1,
  timeliness: 1,
  score: 1,
  drift: 0,
  held: false,
  runId: '',
  recordedAt: 0,
  ...changes,
});

async function publish(partition: number, ...values: (Partial<ScoreRecorded> | Buffer | null)[]): Promise<void> {
  const id = await registry.idOf(`${topic}-value`, schema);
  const [write, encode] = [compileWriter<ScoreRecorded>(schema), createWireEncoder()];
  const producer = await client.openIdempotentProducer();
  const bytesOf = (value: Partial<ScoreRecorded> | Buffer | null): Buffer | null =>
    value === null || Buffer.isBuffer(value) ? value : Buffer.from(encode(id, write, aScore(value)));
  await producer.send(values.map((value) => ({ topic, partition, key: null, value: bytesOf(value), headers: [], timestamp: null })));
  await producer.close();
}

const aReader = (): EventReader =>
  createEventReader({ pool: harness.database.pool, client: broker.connect(), registry, onTriggered: harness.nudge });
const drain = async (reader: EventReader): Promise<void> => {
  await reader.reload();
  for (let turn = 0; turn < 3; turn++) await reader.read(20);
};
const details = async () =>
  (
    await harness.query<{ detail: object }>(
      `SELECT trigger_detail AS detail FROM orchestration.run ORDER BY trigger_detail->>'partition', trigger_detail->>'offset', trigger_detail->>'fileId'`,
    )
  ).map(({ detail }) => detail);
const held = `{type: event, topic: ${topic}, filter: {held: true}, overlap: allow}`;

test('each record that matches starts one run, from when the schedule was deployed', async () => {
  await publish(0, { held: true });
  await harness.definitions.deploy(aWorkflow('w', held), 'test');
  const reader = aReader();
  await drain(reader);
  await publish(
    0,
    { held: false },
    { held: true },
    null,
    Buffer.from('{"held": true}'),
    Buffer.from([0, 0, 0, 9, 9]),
    Buffer.from('no json'),
  );
  await publish(1, { held: true });
  const before = harness.nudges();
  await drain(reader);
  expect(harness.nudges()).toBeGreaterThan(before);
  await takeTriggers(harness.parts, 200);

  expect(await details()).toEqual([
    { topic, partition: 0, offset: 2 },
    { topic, partition: 0, offset: 4 },
    { topic, partition: 1, offset: 0 },
  ]);
  await reader.close();
});

test('where the log lost what a trigger had still to read, it goes on with what is left', async () => {
  await harness.definitions.deploy(aWorkflow('w', held), 'test');
  const before = aReader();
  await drain(before);
  await before.close();
  await publish(0, { held: true }, { held: true }, { held: true });
  broker.log({ topic, partition: 0 }).deleteBefore(2);
  const reader = aReader();
  await drain(reader);
  await reader.close();
  // Made anew: shorter than it was.
  broker.deleteTopic(topic);
  broker.createTopic(topic, 2);
  const third = aReader();
  await drain(third);
  await third.close();
  await takeTriggers(harness.parts, 200);
  expect(await details()).toEqual([{ topic, partition: 0, offset: 2 }]);
});

test('a record counts once however many processes read it and however often: its place is its name', async () => {
  await harness.definitions.deploy(aWorkflow('w', held), 'test');
  const readers = [aReader(), aReader()];
  for (const reader of readers) await drain(reader);
  await publish(0, { held: true }, { held: true });
  await Promise.all(readers.map(drain));
  await takeTriggers(harness.parts, 200);
  expect(await details()).toHaveLength(2);

  // As if the process had died between a run and its position.
  await harness.query('UPDATE orchestration.trigger_position SET next_offset = 0');
  const successor = aReader();
  await drain(successor);
  await takeTriggers(harness.parts, 200);
  expect(await details()).toHaveLength(2);
  await Promise.all([...readers, successor].map((reader) => reader.close()));
});

test('what came while the process was down is read; what came while the schedule was disabled is not', async () => {
  await harness.definitions.deploy(aWorkflow('w', held), 'test');
  const first = aReader();
  await drain(first);
  await first.close();
  await publish(0, { held: true });
  const second = aReader();
  await drain(second);
  await takeTriggers(harness.parts, 200);
  expect(await details()).toHaveLength(1);

  await harness.definitions.disable('w', 'test');
  await drain(second);
  expect(await second.read(1)).toBe(false);
  await publish(0, { held: true });
  await harness.definitions.enable('w', 'test');
  await drain(second);
  await publish(0, { held: true });
  await drain(second);
  await takeTriggers(harness.parts, 200);
  expect(await details()).toEqual([
    { topic, partition: 0, offset: 0 },
    { topic, partition: 0, offset: 2 },
  ]);
  await second.close();
});

test('files that have come to rest start one run each; a source that is away holds up no other', async () => {
  await harness.definitions.deploy(
    aWorkflow(
      'w',
      '{type: file, name: a, source: near, pattern: "*.csv", overlap: allow}, {type: file, name: b, source: far, pattern: "*"}',
    ),
    'test',
  );
  const failed: string[] = [];
  const arrivals = {
    poll: async (source: string, pattern: string) => {
      if (source === 'far') throw new Error('away');
      return [{ fileId: `${pattern}-1` }, { fileId: `${pattern}-2` }];
    },
  };
  const poll = () => pollFileTriggers({ pool: harness.database.pool, arrivals, onFailed: (source) => void failed.push(source) });
  const raced = await Promise.all([poll(), poll()]);
  expect(raced.sort((a, b) => a - b)).toEqual([0, 2]);
  expect(await poll()).toBe(0);
  expect(new Set(failed)).toEqual(new Set(['far']));
  await takeTriggers(harness.parts, 200);
  expect(await details()).toMatchObject([{ source: 'near', fileId: '*.csv-1' }, { fileId: '*.csv-2' }]);
});
