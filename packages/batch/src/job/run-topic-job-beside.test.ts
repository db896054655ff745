import { beforeEach, expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import {
  createMemoryBroker,
  createMemoryRegistry,
  readWhole,
  type KafkaClient,
  type MemoryBroker,
  type MemoryRegistry,
} from '@vigil/kafka';
import { expectedTexts, jobOf, mapNumber, numbersFrom, numbersTopic, registerJobSchemas } from '../../test-support/numbered-job.ts';
import { stillClock } from '../../test-support/still-clock.ts';
import { openCheckpoints, runTopicJob, type CommittedChunk, type TopicJobOptions, type TopicJobPorts } from '../index.ts';
import { endProducer } from './run-topic-job.ts';
import { runTopicJobBeside } from './run-topic-job-beside.ts';
import { openSharedProducer, SharedProducerBroken, type SharedProducer } from './shared-producer.ts';

const clock = stillClock(1_700_000_000_000);
const partitions = 4;
const jobs = ['a', 'b', 'c', 'd'];
const itemsOf = (job: string): number => 10 + jobs.indexOf(job);
const { signal } = new AbortController();
let broker: MemoryBroker;
let registry: MemoryRegistry;

beforeEach(async () => {
  registry = createMemoryRegistry();
  await registerJobSchemas(registry);
  emptyBroker();
});

function emptyBroker(): void {
  broker = createMemoryBroker({ clock });
  for (const name of [numbersTopic.name, topics.itemRejected.name, topics.jobCheckpointed.name]) broker.createTopic(name, partitions);
}

const portsOf = (client: KafkaClient): TopicJobPorts => ({
  client,
  registry,
  clock,
  checkpoints: openCheckpoints({ client: broker.connect(), registry }),
});
const optionsOf = (job: string, over: Partial<TopicJobOptions<number>> = {}): TopicJobOptions<number> => ({
  partition: jobOf(itemsOf(job), { job: `file:${job}` }),
  // So that each record tells whose it is.
  map: (item) => {
    const mapped = mapNumber(item);
    if (mapped.kind !== 'records') return mapped;
    return { ...mapped, records: mapped.records.map((record) => ({ ...record, value: Buffer.from(`${job}${String(record.value)}`) })) };
  },
  writes: [numbersTopic],
  source: { name: 'claims_sftp', fileId: job },
  ends: 'for-good',
  skipLimit: null,
  signal,
  ...over,
});
const name = 'batch.files.run-1';
const openShared = (client: KafkaClient): SharedProducer => openSharedProducer({ client, name, signal });
type Told = (job: string, chunk: CommittedChunk) => void;

/** The jobs as one attempt runs them, all at once. */
async function runTogether(client: KafkaClient, told: Told = () => {}): Promise<PromiseSettledResult<unknown>[]> {
  const shared = openShared(client);
  const publish = await shared.publisherOf(shared.id());
  if (!publish) throw new Error('killed');
  const run = (job: string) => runTopicJobBeside(optionsOf(job, { onCommitted: (chunk) => told(job, chunk) }), portsOf(client), publish);
  return Promise.allSettled(jobs.map(run));
}
/** As whoever claims a job after another attempt does. */
async function takeOver(job: string, told: Told = () => {}): Promise<unknown> {
  const client = broker.connect();
  await endProducer(client, `${name}.0`);
  const partition = jobOf(itemsOf(job), { job: `file:${job}`, epoch: 2 });
  return runTopicJob(optionsOf(job, { partition, onCommitted: (chunk) => told(job, chunk) }), portsOf(client));
}

const expectedOf = (job: string): readonly string[] => expectedTexts(itemsOf(job), job);
const expected = (): string[] => jobs.flatMap(expectedOf).sort();
async function recordsIn(): Promise<{ readonly place: string; readonly text: string }[]> {
  const records: { place: string; text: string }[] = [];
  const places = Array.from({ length: partitions }, (_, partition) => ({ topic: numbersTopic.name, partition }));
  await readWhole({
    client: broker.connect(),
    places,
    pollMs: 0,
    onRecord: ({ partition }, { offset, value }) => void records.push({ place: `${partition}/${offset}`, text: String(value) }),
  });
  return records;
}
const textsIn = async (): Promise<string[]> => (await recordsIn()).map(({ text }) => text).sort();
const kindsOf = (settled: readonly PromiseSettledResult<unknown>[]): string[] => settled.map(({ status }) => status);

test('jobs that end at the same moment share a transaction, each with its own checkpoint and trail', async () => {
  let commits = 0;
  const client = broker.connect({ hook: async (operation) => void (operation === 'commit:before' && commits++) });
  const lines = new Map<string, string>();
  const settled = await runTogether(client, (job, { trail }) => {
    for (const { partition, firstOffset, lines: ofRange } of trail)
      for (const [at, line] of ofRange.entries()) lines.set(`${partition}/${firstOffset + at}`, `${job}${line}`);
  });

  expect(kindsOf(settled)).toEqual(jobs.map(() => 'fulfilled'));
  expect(commits).toBeLessThan(jobs.length);
  expect(await textsIn()).toEqual(expected());
  for (const { place, text } of await recordsIn()) expect(lines.get(place)).toBe(text.replace(/b$/, ''));
  expect(lines.size).toBe(expected().length);
  for (const job of jobs) expect(await takeOver(job)).toMatchObject({ read: itemsOf(job), wasDone: true });
  expect(await textsIn()).toEqual(expected());
});

test('whatever request of a shared transaction its attempt dies at, the next ones end with every item once', async () => {
  let requests = 0;
  await runTogether(broker.connect({ hook: async () => void requests++ }));
  expect(requests).toBeGreaterThan(5);
  for (let death = 1; death <= requests; death++) {
    emptyBroker();
    let left = death;
    const dying = broker.connect({ hook: () => (--left > 0 ? Promise.resolve() : Promise.reject(new Error('killed'))) });
    const told = new Map<string, CommittedChunk>();
    const tell: Told = (job, chunk) => void told.set(job, chunk);
    await runTogether(dying, tell).catch((error: Error) => expect(error.message).toBe('killed'));
    for (const job of jobs) await takeOver(job, tell);
    expect(await textsIn()).toEqual(expected());
    for (const job of jobs) expect(told.get(job)?.outputs.records['numbers']).toBe(expectedOf(job).length);
  }
});

test('wherever an attempt sleeps while others take its jobs over, it publishes nothing when it wakes up', async () => {
  let requests = 0;
  await runTogether(broker.connect({ hook: async () => void requests++ }));
  for (let sleep = 1; sleep <= requests; sleep++) {
    emptyBroker();
    let left = sleep;
    const asleep = Promise.withResolvers<void>();
    const woken = Promise.withResolvers<void>();
    const hook = async (): Promise<void> => {
      if (--left !== 0) return;
      asleep.resolve();
      await woken.promise;
    };
    const sleeper = runTogether(broker.connect({ hook }));
    await asleep.promise;
    for (const job of jobs.slice(1)) await takeOver(job);
    woken.resolve();
    const settled = await sleeper;
    for (const { status, ...told } of settled)
      if (status === 'rejected') expect(told).toMatchObject({ reason: expect.any(SharedProducerBroken) });
    await takeOver(jobs[0] as string);
    expect(await textsIn()).toEqual(expected());
  }
});

test('a job that fails holds up and fails none of those beside it', async () => {
  const shared = openShared(broker.connect());
  const publish = await shared.publisherOf(shared.id());
  if (!publish) throw new Error('no producer');
  async function* torn(position: string | null) {
    yield* numbersFrom(position, 3);
    throw new Error('torn');
  }
  const bad = optionsOf('a', { partition: jobOf(10, { job: 'file:a', read: torn }) });
  const tooMuch = optionsOf('b', { skipLimit: { count: 0, ratio: 1 } });
  const settled = await Promise.allSettled(
    [bad, tooMuch, optionsOf('c'), optionsOf('d')].map((options) => runTopicJobBeside(options, portsOf(broker.connect()), publish)),
  );
  expect(kindsOf(settled)).toEqual(['rejected', 'rejected', 'fulfilled', 'fulfilled']);
  // What came before the item that was too much is published, as it is of a job that runs alone.
  const before = ['b1', 'b2', 'b2b', 'b3', 'b4', 'b4b', 'b6', 'b6b'];
  expect(await textsIn()).toEqual([...before, ...expectedOf('c'), ...expectedOf('d')].sort());
});

test('after a producer broke the next ones get another; what was claimed under the first goes alone', async () => {
  const client = broker.connect();
  const shared = openShared(client);
  const first = shared.id();
  const publish = await shared.publisherOf(first);
  await endProducer(broker.connect(), first);
  await expect(runTopicJobBeside(optionsOf('a'), portsOf(client), publish!)).rejects.toThrow(SharedProducerBroken);
  expect(await shared.publisherOf(first)).toBeNull();
  expect(shared.id()).not.toBe(first);
  const second = await shared.publisherOf(shared.id());
  expect(await runTopicJobBeside(optionsOf('b'), portsOf(client), second!)).toMatchObject({ read: itemsOf('b') });
  await shared.close();
});

test('a job with a checkpoint is not run beside others: it goes on where it was, alone', async () => {
  await takeOver('a');
  const shared = openShared(broker.connect());
  const publish = await shared.publisherOf(shared.id());
  expect(await runTopicJobBeside(optionsOf('a'), portsOf(broker.connect()), publish!)).toBeNull();
  expect(await textsIn()).toEqual(expectedOf('a').toSorted());
});
