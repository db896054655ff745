import { afterEach, expect, test } from '@jest/globals';
import { topics, type TaskReported } from '@vigil/contracts';
import { VigilError, type ErrorCode } from '@vigil/core';
import { createMemoryBroker, createValueEncoder, systemEngineClock, systemStageClock, type MemoryBroker } from '@vigil/kafka';
import { startedReport } from '../attempts/task-reports.ts';
import {
  aRequest,
  heldExecutor,
  openDesk,
  openWorker,
  rigPartitions,
  rigRegistry,
  type RigOptions,
  type WorkerRig,
} from '../worker-rig.fixture.ts';
import { createReporter } from './create-reporter.ts';
import { tailTopic, type Tail } from './tail-topic.ts';

const reported = topics.taskReported;
const report = startedReport(aRequest(), { worker: 'w1', nowMs: 1 });

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function aBroker(): MemoryBroker {
  const broker = createMemoryBroker({ clock: systemEngineClock });
  for (const { name } of [reported, topics.taskRequestedDefault]) broker.createTopic(name, rigPartitions);
  return broker;
}

/** A connection on which operations fail, each as often as is said. */
function failing(broker: MemoryBroker, faults: Readonly<Record<string, readonly ErrorCode[]>>) {
  const left = new Map(Object.entries(faults).map(([operation, codes]) => [operation, [...codes]]));
  return broker.connect({
    hook: async (operation) => {
      const code = left.get(operation)?.shift();
      if (code !== undefined) throw new VigilError(code);
    },
  });
}

function aReporter(broker: MemoryBroker, faults: Readonly<Record<string, readonly ErrorCode[]>> = {}) {
  const troubles: unknown[] = [];
  const fatal: unknown[] = [];
  const reporter = createReporter({
    client: failing(broker, faults),
    registry: rigRegistry,
    clock: systemStageClock,
    onTrouble: (error) => troubles.push(error),
    onFatal: (error) => fatal.push(error),
  });
  closers.push(() => reporter.close());
  return { reporter, troubles, fatal };
}

test('a report that Kafka did not take is sent again until it does, by a producer that is opened anew', async () => {
  const broker = aBroker();
  const { reporter, troubles, fatal } = aReporter(broker, { describeTopics: ['KAFKA_AWAY'], 'produce:before': ['FENCED'] });
  await Promise.all([reporter.send([report]), reporter.send([report])]);
  const desk = await openDesk(broker.connect());
  closers.push(() => desk.close());

  expect(await desk.reports('started', 2)).toHaveLength(2);
  expect(troubles.map((error) => (error as VigilError).code)).toEqual(expect.arrayContaining(['KAFKA_AWAY', 'FENCED']));
  expect(fatal).toEqual([]);
});

test('what no repeat mends ends the worker: rights that are missing, a topic that is not there', async () => {
  const refused = aReporter(aBroker(), { 'produce:before': ['ACCESS_DENIED'] });
  await expect(refused.reporter.send([report])).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  expect([refused.fatal.length, refused.troubles.length]).toEqual([1, 0]);

  const { reporter, fatal } = aReporter(createMemoryBroker({ clock: systemEngineClock }));
  await expect(reporter.send([report])).rejects.toMatchObject({ code: 'TOPIC_MISSING' });
  expect(fatal).toHaveLength(1);
});

test('a reporter that is closed sends nothing more, and whoever waits for it is told', async () => {
  const { reporter } = aReporter(aBroker(), { describeTopics: Array.from({ length: 100 }, () => 'KAFKA_AWAY' as const) });
  const waiting = reporter.send([report]);
  await Promise.all([expect(waiting).rejects.toMatchObject({ code: 'FENCED' }), reporter.close()]);

  await expect(reporter.send([report])).rejects.toMatchObject({ code: 'FENCED' });
});

const encode = createValueEncoder(reported.schema, rigRegistry.register(reported.schema));
async function publish(broker: MemoryBroker, ...values: readonly (Buffer | null)[]): Promise<void> {
  const producer = await broker.connect().openIdempotentProducer();
  await producer.send(
    values.map((value) => ({ topic: reported.name, partition: 0, key: Buffer.from('k'), value, headers: [], timestamp: null })),
  );
}
const valueOf = (messageId: string): Buffer => encode({ ...report, messageId });

interface Tailed {
  readonly tail: Tail;
  readonly troubles: readonly unknown[];
  /** What was told, once it is as much. */
  readonly told: (count: number) => Promise<readonly string[]>;
}

function aTail(broker: MemoryBroker, from: 'start' | 'end', { faults = {}, failOn = '' } = {}): Tailed {
  const told: string[] = [];
  const troubles: unknown[] = [];
  let hasFailed = false;
  const tail = tailTopic<TaskReported>({
    client: failing(broker, faults),
    registry: rigRegistry,
    topic: reported,
    from,
    onValue: ({ messageId }) => {
      if (messageId === failOn && !hasFailed) {
        hasFailed = true;
        throw new Error('of whoever is told');
      }
      told.push(messageId);
    },
    onTrouble: (error) => troubles.push(error),
  });
  closers.push(() => tail.stop());
  const until = async (count: number): Promise<readonly string[]> => {
    while (told.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
    return told;
  };
  return { tail, troubles, told: until };
}

test('a tail reads what stands there, then what comes; what is empty or cannot be read is passed over', async () => {
  const broker = aBroker();
  await publish(broker, valueOf('a'), null, Buffer.from('no Avro'), Buffer.from([0, 0, 0, 0, 99, 1]), valueOf('b'));
  const { tail, told, troubles } = aTail(broker, 'start');
  await tail.caughtUp;

  expect(await told(2)).toEqual(['a', 'b']);
  await publish(broker, valueOf('c'));
  expect(await told(3)).toEqual(['a', 'b', 'c']);
  expect(troubles).toEqual([]);
});

test('a tail from the end tells only what comes after it', async () => {
  const broker = aBroker();
  await publish(broker, valueOf('old'));
  const { tail, told } = aTail(broker, 'end');
  await tail.caughtUp;
  await publish(broker, valueOf('new'));

  expect(await told(1)).toEqual(['new']);
});

test('a tail that cannot read, or whose reader fails, goes on where it stopped', async () => {
  const broker = aBroker();
  await publish(broker, valueOf('a'), valueOf('b'));
  const { told, troubles } = aTail(broker, 'start', { faults: { startOffsets: ['KAFKA_AWAY'], poll: ['KAFKA_AWAY'] }, failOn: 'b' });

  // The piece that was not told whole is told again.
  expect(await told(3)).toEqual(['a', 'a', 'b']);
  expect(troubles).toHaveLength(3);
});

test('a tail that is stopped while Kafka is away stops at once, and nobody waits for it to catch up', async () => {
  const { tail, troubles } = aTail(aBroker(), 'end', { faults: { startOffsets: ['KAFKA_AWAY'] } });
  while (troubles.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await tail.stop();

  await expect(tail.caughtUp).resolves.toBeUndefined();
});

async function aWorker(faults: Readonly<Record<string, readonly ErrorCode[]>>, over: Partial<RigOptions> = {}) {
  const broker = aBroker();
  const desk = await openDesk(broker.connect());
  const fatal: unknown[] = [];
  const troubles: unknown[] = [];
  const executor = heldExecutor();
  const worker: WorkerRig = await openWorker({
    client: failing(broker, faults),
    executor,
    onFatal: (error) => void fatal.push(error),
    onTrouble: (error) => void troubles.push(error),
    ...over,
  });
  closers.push(
    () => desk.close(),
    () => worker.stop(),
  );
  return { desk, executor, worker, fatal, troubles };
}

test('a position that could not be committed is asked for again, and the request runs once', async () => {
  const { desk, executor, troubles } = await aWorker({ commitPositions: ['KAFKA_AWAY'] });
  await desk.ask(aRequest());
  const [first] = await executor.begun(1);
  first?.end.resolve();
  await desk.reports('succeeded', 1);

  expect(await executor.begun(1)).toHaveLength(1);
  expect(troubles).toHaveLength(1);
});

test('requests that could not be fetched are read again', async () => {
  const { desk, executor, troubles } = await aWorker({ poll: ['KAFKA_AWAY'], committed: ['KAFKA_AWAY'] });
  await desk.ask(aRequest());

  expect(await executor.begun(1)).toHaveLength(1);
  expect(troubles.length).toBeGreaterThanOrEqual(1);
});

test.each(['poll', 'committed', 'commitPositions'])('a worker without the right to %s ends', async (operation) => {
  const { desk, fatal } = await aWorker({ [operation]: Array.from({ length: 20 }, () => 'ACCESS_DENIED' as const) });
  await desk.ask(aRequest());
  while (fatal.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));

  expect(fatal[0]).toMatchObject({ code: 'ACCESS_DENIED' });
});

test('a pool that has more waiting than it may hold reads no further until some of it has begun', async () => {
  const { desk, executor } = await aWorker({}, { atOnce: 1 });
  await desk.ask(...Array.from({ length: 12 }, (_, part) => aRequest({ part })));
  for (let count = 1; count <= 12; count++) (await executor.begun(count))[count - 1]?.end.resolve();

  expect((await desk.reports('succeeded', 12)).filter(({ kind }) => kind === 'succeeded')).toHaveLength(12);
});
