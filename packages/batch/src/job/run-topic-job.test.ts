import { beforeEach, expect, test } from '@jest/globals';
import { topics, type ItemRejected, type JobCheckpointed } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import {
  createMemoryBroker,
  createMemoryRegistry,
  createValueDecoder,
  readWhole,
  textHeader,
  type FetchedRecord,
  type KafkaClient,
  type MemoryBroker,
  type MemoryRegistry,
} from '@vigil/kafka';
import { expectedTexts, jobOf, mapNumber, numbersFrom, numbersTopic, registerJobSchemas } from '../../test-support/numbered-job.ts';
import { stillClock } from '../../test-support/still-clock.ts';
import { openCheckpoints, runTopicJob, type CommittedChunk, type TopicJobOptions, type TopicJobPorts } from '../index.ts';

const clock = stillClock(1_700_000_000_000);
const partitions = 4;
let broker: MemoryBroker;
let registry: MemoryRegistry;

beforeEach(async () => {
  broker = createMemoryBroker({ clock });
  registry = createMemoryRegistry();
  await registerJobSchemas(registry);
  for (const name of [numbersTopic.name, topics.itemRejected.name, topics.jobCheckpointed.name]) broker.createTopic(name, partitions);
});

const portsOf = (client: KafkaClient = broker.connect(), patienceMs?: number): TopicJobPorts => ({
  client,
  registry,
  clock,
  checkpoints: openCheckpoints({ client: broker.connect(), registry, ...(patienceMs !== undefined && { patienceMs }) }),
});
const optionsOf = (last: number, over: Partial<TopicJobOptions<number>> = {}): TopicJobOptions<number> => ({
  partition: jobOf(last),
  map: mapNumber,
  writes: [numbersTopic],
  source: { name: 'ehr_sftp', fileId: 'f1' },
  ends: 'for-good',
  skipLimit: null,
  limits: { records: 8 },
  signal: new AbortController().signal,
  ...over,
});

async function recordsOf(topic: string): Promise<readonly (FetchedRecord & { readonly partition: number })[]> {
  const records: (FetchedRecord & { partition: number })[] = [];
  const places = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
  await readWhole({
    client: broker.connect(),
    places,
    pollMs: 0,
    onRecord: ({ partition }, record) => void records.push({ ...record, partition }),
  });
  return records;
}
const textsOf = async (topic: string): Promise<string[]> => (await recordsOf(topic)).map(({ value }) => value?.toString() ?? '').sort();
async function decoded<Value>(topic: { name: string; schema: typeof numbersTopic.schema }): Promise<Value[]> {
  const decode = createValueDecoder(topic.schema, registry);
  for (const id of [1, 2, 3]) await registry.schemaOf(id);
  return (await recordsOf(topic.name)).map(({ value }) => decode(value as Buffer) as Value);
}

test('every item is published, rejected or skipped once, under the batch id, beside a checkpoint that says so', async () => {
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  const result = await runTopicJob(optionsOf(20, { traceparent }), portsOf());

  // Of 1 to 20: 7 and 14 are rejected, 5, 10, 15, 20 skipped; 7 of the other 14 are even.
  expect(result).toEqual({ read: 20, written: 14 + 7, rejected: 2, skipped: 4, wasDone: false });
  expect(await textsOf('numbers')).toEqual(expectedTexts(20));
  const [record] = await recordsOf('numbers');
  expect(textHeader(record?.headers() ?? [], 'vigil-batch-id')).toBe('batch-1');
  expect(textHeader(record?.headers() ?? [], 'traceparent')).toBe(traceparent);
  const rejected = await decoded<ItemRejected>(topics.itemRejected);
  expect(
    rejected.map(({ line, item, ...same }) => ({
      line,
      item: Buffer.from(item as Uint8Array).toString(),
      code: same.code,
      fileId: same.fileId,
    })),
  ).toEqual([
    { line: 7, item: '7', code: 'BAD_SHAPE', fileId: 'f1' },
    { line: 14, item: '14', code: 'BAD_SHAPE', fileId: 'f1' },
  ]);
  const last = (await decoded<JobCheckpointed>(topics.jobCheckpointed)).at(-1);
  expect(last).toMatchObject({
    job: 'file:numbers',
    partition: 0,
    epoch: 1,
    position: '20',
    read: 20,
    written: 21,
    rejected: 2,
    skipped: 4,
    done: true,
  });
});

test('rows that become no record end a chunk by their memos, which stand in one checkpoint', async () => {
  const read = async function* (position: string | null) {
    for await (const item of numbersFrom(position, 40)) yield { ...item, memo: `memo ${item.item}` };
  };
  const told: number[] = [];
  const onCommitted = ({ memos }: { readonly memos: readonly string[] }): void => void told.push(memos.length);
  await runTopicJob(optionsOf(40, { partition: jobOf(40, { read }), map: () => ({ kind: 'skipped' }), onCommitted }), portsOf());
  expect(told).toEqual([8, 8, 8, 8, 8, 0]);
});

test('a mark is committed while its reader waits for that, and counts as no item', async () => {
  const safe = Promise.withResolvers<void>();
  const read = async function* (position: string | null) {
    yield { item: 0, position: 'due', place: 'no row', line: 0 };
    await safe.promise;
    yield* numbersFrom(position, 4);
  };
  const onCommitted = ({ position }: CommittedChunk): void => void (position === 'due' && safe.resolve());
  const map: typeof mapNumber = (item) => (item.item === 0 ? { kind: 'mark' } : mapNumber(item));
  const limits = { ms: 20 };
  expect(await runTopicJob(optionsOf(4, { partition: jobOf(4, { read }), map, limits, onCommitted }), portsOf())).toMatchObject({
    read: 4,
    skipped: 0,
  });
  const [first] = await decoded<JobCheckpointed>(topics.jobCheckpointed);
  expect(first).toMatchObject({ position: 'due', read: 0, skipped: 0, done: false });
});

test('the trail names the line behind every record', async () => {
  const chunks: CommittedChunk[] = [];
  await runTopicJob(optionsOf(40, { onCommitted: (chunk) => void chunks.push(chunk) }), portsOf());
  const lineAt = new Map<string, number>();
  for (const { topic, partition, firstOffset, lines } of chunks.flatMap(({ trail }) => trail))
    for (const [at, line] of lines.entries()) lineAt.set(`${topic}/${partition}/${firstOffset + at}`, line);

  const records = await recordsOf('numbers');
  expect(lineAt.size).toBe(records.length);
  for (const { partition, offset, value } of records)
    expect(lineAt.get(`numbers/${partition}/${offset}`)).toBe(Number.parseInt(String(value), 10));
});

test('whatever request an attempt dies at, the next one ends with every item once', async () => {
  let requests = 0;
  const counting = broker.connect({ hook: async () => void requests++ });
  await runTopicJob(optionsOf(30, { partition: jobOf(30, { job: 'file:whole' }) }), portsOf(counting));
  expect(requests).toBeGreaterThan(20);

  for (let death = 1; death <= requests; death++) {
    broker.createTopic('numbers', partitions);
    broker.createTopic(topics.itemRejected.name, partitions);
    let left = death;
    const dying = broker.connect({ hook: () => (--left > 0 ? Promise.resolve() : Promise.reject(new Error('killed'))) });
    const trails: CommittedChunk[] = [];
    const partition = jobOf(30, { job: `file:death-${death}` });
    const tell = (chunk: CommittedChunk): void => void trails.push(chunk);
    await expect(runTopicJob(optionsOf(30, { partition, onCommitted: tell }), portsOf(dying))).rejects.toThrow('killed');
    const result = await runTopicJob(optionsOf(30, { partition: { ...partition, epoch: 2 }, onCommitted: tell }), portsOf());

    expect(result).toMatchObject({ read: 30, rejected: 4, skipped: 6 });
    expect(await textsOf('numbers')).toEqual(expectedTexts(30));
    expect(await recordsOf(topics.itemRejected.name)).toHaveLength(4);
    const places = trails.flatMap(({ trail }) =>
      trail.flatMap((range) => range.lines.map((_, at) => `${range.partition}/${range.firstOffset + at}`)),
    );
    expect(new Set(places).size).toBe(expectedTexts(30).length);
    expect(trails.at(-1)?.outputs.records).toEqual({ numbers: expectedTexts(30).length, [topics.itemRejected.name]: 4 });
  }
});

test('a file that came to its end is not read again; a table goes on behind it in its next run', async () => {
  await runTopicJob(optionsOf(10), portsOf());
  const again = await runTopicJob(optionsOf(12, { partition: jobOf(12, { runId: 'run-2', epoch: 2 }) }), portsOf());
  expect(again).toMatchObject({ read: 10, wasDone: true });

  const table = (runId: string, last: number): TopicJobOptions<number> =>
    optionsOf(last, { ends: 'for-the-run', partition: jobOf(last, { job: 'table:numbers', runId, epoch: 1 }) });
  await runTopicJob(table('run-1', 10), portsOf());
  expect(await runTopicJob(table('run-1', 12), portsOf())).toMatchObject({ read: 10, wasDone: true });
  // 11, 12 and 12b.
  expect(await runTopicJob(table('run-2', 12), portsOf())).toEqual({ read: 2, written: 3, rejected: 0, skipped: 0, wasDone: false });
});

test('an attempt with an older epoch than the last checkpoint ends as fenced and writes nothing', async () => {
  await runTopicJob(optionsOf(10, { partition: jobOf(10, { epoch: 5 }) }), portsOf());
  const before = await textsOf('numbers');

  await expect(runTopicJob(optionsOf(20, { partition: jobOf(20, { epoch: 4 }) }), portsOf())).rejects.toMatchObject({
    code: 'FENCED',
    kind: 'fenced',
  });
  expect(await textsOf('numbers')).toEqual(before);
});

test('an older attempt that wakes up takes the partition for a moment only, and nothing is doubled', async () => {
  const wait = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  async function* slow(position: string | null) {
    for await (const item of numbersFrom(position, 30)) {
      if (item.item === 25 && position === null) {
        reached.resolve();
        await wait.promise;
      }
      yield item;
    }
  }
  const newer = runTopicJob(optionsOf(30, { partition: jobOf(30, { epoch: 2, read: slow }), limits: { records: 1_000 } }), portsOf());
  await reached.promise;
  let asked = 0;
  // Held at its second item until the newer one took the partition back.
  const back = Promise.withResolvers<void>();
  async function* held(position: string | null) {
    for await (const item of numbersFrom(position, 30)) {
      if (++asked === 2) await back.promise;
      yield item;
    }
  }
  const older = runTopicJob(optionsOf(30, { partition: jobOf(30, { epoch: 1, read: held }), limits: { records: 1 } }), portsOf());
  while (asked < 2) await new Promise(setImmediate);
  wait.resolve();
  expect(await newer).toMatchObject({ read: 30 });
  back.resolve();
  await expect(older).rejects.toMatchObject({ code: 'FENCED' });
  expect(await textsOf('numbers')).toEqual(expectedTexts(30));
});

test('a job stops at its skip limit, keeps what was good and shows what was not; with a higher limit it goes on there', async () => {
  const limited = optionsOf(100, { skipLimit: { count: 2, ratio: 1 } });
  await expect(runTopicJob(limited, portsOf())).rejects.toMatchObject({ code: 'JOB_SKIP_LIMIT', kind: 'poison' });
  // 7 and 14 are allowed, 21 is too much.
  expect(await textsOf('numbers')).toEqual(expectedTexts(20));
  expect(await recordsOf(topics.itemRejected.name)).toHaveLength(2);

  await expect(runTopicJob(limited, portsOf())).rejects.toMatchObject({ code: 'JOB_SKIP_LIMIT' });
  expect(await textsOf('numbers')).toEqual(expectedTexts(20));
  // 14 of the first 100 are divisible by 7.
  expect(await runTopicJob(optionsOf(100, { skipLimit: { count: 1_000, ratio: 0.14 } }), portsOf())).toMatchObject({
    read: 100,
    rejected: 14,
  });
  expect(await textsOf('numbers')).toEqual(expectedTexts(100));
});

test('a share is judged from the hundredth item on', async () => {
  // 98 is the 14th; at 105 it is 15 of 105 > 0.142.
  const options = optionsOf(200, { skipLimit: { count: 1_000, ratio: 0.142 } });
  await expect(runTopicJob(options, portsOf())).rejects.toThrow('15 of 105 items');
});

test('a job that is stopped keeps its last checkpoint, and says why', async () => {
  const stop = new AbortController();
  const committed = Promise.withResolvers<void>();
  async function* endless(position: string | null) {
    yield* numbersFrom(position, 30);
    await new Promise(() => undefined);
  }
  const job = runTopicJob(
    optionsOf(30, {
      partition: jobOf(30, { read: endless }),
      limits: { ms: 5 },
      signal: stop.signal,
      onCommitted: ({ position }) => {
        if (position === '30') committed.resolve();
      },
    }),
    portsOf(),
  );
  // The last items wait for no other one: they are written when they are old.
  await committed.promise;
  stop.abort();
  await expect(job).rejects.toMatchObject({ code: 'JOB_STOPPED' });

  const late = AbortSignal.abort(new VigilError('TIMED_OUT'));
  await expect(runTopicJob(optionsOf(30, { signal: late }), portsOf())).rejects.toMatchObject({ code: 'TIMED_OUT' });
  expect(await textsOf('numbers')).toEqual(expectedTexts(30));
});

test('a job waits while the live stream needs the room, and can be stopped there', async () => {
  const stop = new AbortController();
  const asked = Promise.withResolvers<void>();
  const yieldToLive = (): Promise<void> => {
    asked.resolve();
    return new Promise(() => undefined);
  };
  const job = runTopicJob(optionsOf(30, { signal: stop.signal }), { ...portsOf(), yieldToLive });
  await asked.promise;
  expect(await textsOf('numbers')).toEqual([]);
  stop.abort();
  await expect(job).rejects.toMatchObject({ code: 'JOB_STOPPED' });
});

test('what a source throws ends the job, and what was read since the last commit is read again', async () => {
  async function* cut(position: string | null) {
    yield* numbersFrom(position, 11);
    if (position === null) throw new VigilError('TIMED_OUT');
    yield* numbersFrom('11', 30);
  }
  const options = optionsOf(30, { partition: jobOf(30, { read: cut }) });
  await expect(runTopicJob(options, portsOf())).rejects.toMatchObject({ code: 'TIMED_OUT' });
  await runTopicJob(options, portsOf());
  expect(await textsOf('numbers')).toEqual(expectedTexts(30));
});

test('a record larger than its topic takes is rejected, not the death of its transaction', async () => {
  const map = (): ReturnType<typeof mapNumber> => ({
    kind: 'records',
    records: [{ topic: numbersTopic, key: 'k', value: Buffer.alloc(9_500, 'x') }],
  });
  expect(await runTopicJob(optionsOf(2, { map }), portsOf())).toMatchObject({ read: 2, written: 0, rejected: 2 });
  const [rejected] = await decoded<ItemRejected>(topics.itemRejected);
  expect(rejected).toMatchObject({ code: 'MESSAGE_TOO_LARGE', detail: 'For numbers.', line: 1 });
});

test('a mapper that throws a failure of the catalogue rejects; any other throw is a fault of ours and names the place', async () => {
  const poison = (): never => {
    throw new VigilError('BAD_ID');
  };
  expect(await runTopicJob(optionsOf(2, { map: poison }), portsOf())).toMatchObject({ rejected: 2 });
  const broken = (): never => {
    throw new TypeError('PAT_12345 has no such thing');
  };
  const failing = runTopicJob(optionsOf(2, { map: broken, partition: jobOf(2, { job: 'file:broken' }) }), portsOf());
  await expect(failing).rejects.toMatchObject({ code: 'PROCESSOR_FAULT', message: expect.stringContaining('file:broken, line 1.') });
  await expect(failing).rejects.not.toThrow('PAT_12345');
  const lost = runTopicJob(optionsOf(2, { writes: [], partition: jobOf(2, { job: 'file:lost' }) }), portsOf());
  await expect(lost).rejects.toThrow('does not say that it writes numbers');
});

test('a topic that is missing is named', async () => {
  broker.deleteTopic('numbers');
  await expect(runTopicJob(optionsOf(2), portsOf())).rejects.toMatchObject({ code: 'TOPIC_MISSING' });
  broker.deleteTopic(topics.jobCheckpointed.name);
  await expect(runTopicJob(optionsOf(2), portsOf())).rejects.toMatchObject({ code: 'TOPIC_MISSING' });
});

test('a checkpoint behind the open transaction of another job is waited for, not overlooked', async () => {
  await runTopicJob(optionsOf(5), portsOf());
  const other = await broker.connect().openTransactionalProducer({ transactionalId: 'other', transactionTimeoutMs: 60_000 });
  await other.fence();
  await other.begin();
  const everywhere = Array.from({ length: partitions }, (_, partition) => ({
    topic: topics.jobCheckpointed.name,
    partition,
    key: Buffer.from('x/0'),
    value: null,
    headers: [],
    timestamp: null,
  }));
  await other.send(everywhere);
  await runTopicJob(optionsOf(5, { partition: jobOf(5, { job: 'file:second' }) }), {
    ...portsOf(),
    checkpoints: { find: async () => null, recall: async () => null, keys: () => [], drop: () => undefined, close: async () => undefined },
  });

  const impatient = portsOf(broker.connect(), 1);
  await expect(impatient.checkpoints.find('file:second', 0)).rejects.toMatchObject({ code: 'TIMED_OUT' });
  const patient = portsOf();
  const finding = patient.checkpoints.find('file:second', 0);
  await other.commit();
  expect(await finding).toMatchObject({ job: 'file:second', done: true });
  // The reader that failed reads on.
  expect(await impatient.checkpoints.find('file:second', 0)).toMatchObject({ done: true });
});

test('however many jobs ask, the checkpoints are read once', async () => {
  for (let job = 0; job < 5; job++) await runTopicJob(optionsOf(5, { partition: jobOf(5, { job: `file:${job}` }) }), portsOf());
  let assigned: number[] = [];
  const client = broker.connect();
  const watched: KafkaClient = {
    ...client,
    openFetcher: async () => {
      const fetcher = await client.openFetcher();
      return { ...fetcher, assign: (place, offset) => (assigned.push(offset), fetcher.assign(place, offset)) };
    },
  };
  const checkpoints = openCheckpoints({ client: watched, registry });
  const jobs = [0, 1, 2, 3, 4, 4, 4].map((job) => checkpoints.find(`file:${job}`, 0));
  expect((await Promise.all(jobs)).map((found) => found?.read)).toEqual([5, 5, 5, 5, 5, 5, 5]);
  // One look a partition at most; later ones begin where the first ended, if there is anything behind it.
  expect(assigned.length).toBeLessThanOrEqual(partitions);
  assigned = [];
  await checkpoints.find('file:0', 0);
  expect(assigned).toEqual([]);
  await runTopicJob(optionsOf(6, { ends: 'for-the-run', partition: jobOf(6, { job: 'file:0', runId: 'run-2' }) }), portsOf());
  expect(await checkpoints.find('file:0', 0)).toMatchObject({ position: '6' });
  expect(assigned).toEqual([expect.any(Number)]);
  expect(assigned[0]).toBeGreaterThan(0);
  expect(await checkpoints.find('file:none', 0)).toBeNull();
  await checkpoints.close();
});

test('a checkpoint is recalled as it was last read: the topic is read once for it, and again only where it is looked for', async () => {
  const { checkpoints } = portsOf();
  expect(await checkpoints.recall('file:numbers', 0)).toBeNull();
  await runTopicJob(optionsOf(3), portsOf());
  expect(await checkpoints.recall('file:numbers', 0)).toBeNull();
  expect(await checkpoints.find('file:numbers', 0)).toMatchObject({ done: true, read: 3 });
  expect(await checkpoints.recall('file:numbers', 0)).toMatchObject({ done: true, read: 3 });
  await checkpoints.close();
});
