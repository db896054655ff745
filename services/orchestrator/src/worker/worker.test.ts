import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import { createMemoryBroker, systemEngineClock, type KafkaClient } from '@vigil/kafka';
import {
  aRequest,
  heldExecutor,
  openDesk,
  openWorker,
  rigPartitions,
  type Desk,
  type RigOptions,
  type WorkerRig,
} from './worker-rig.fixture.ts';

let client: KafkaClient;
let desk: Desk;
let workers: WorkerRig[] = [];

beforeEach(async () => {
  const broker = createMemoryBroker({ clock: systemEngineClock });
  for (const { name } of [topics.taskRequestedDefault, topics.taskReported]) broker.createTopic(name, rigPartitions);
  client = broker.connect();
  desk = await openDesk(client);
});
afterEach(async () => {
  for (const worker of workers) await worker.stop();
  workers = [];
  await desk.close();
});

const start = async (options: Partial<RigOptions> & Pick<RigOptions, 'executor'>): Promise<WorkerRig> => {
  const worker = await openWorker({ client, ...options });
  workers.push(worker);
  return worker;
};

test('a request is told as started and committed before it runs, and its result is told after it', async () => {
  const executor = heldExecutor();
  await start({ executor });
  await desk.ask(aRequest());
  const [execution] = await executor.begun(1);

  expect(await desk.committed()).toBe(1);
  expect(await desk.reports('started', 1)).toMatchObject([
    { kind: 'started', runId: 'r1', attempt: 1, epoch: 1, worker: 'w1', leaseMs: 30_000 },
  ]);
  execution?.end.resolve();
  const reports = await desk.reports('succeeded', 1);
  expect(reports.at(-1)).toMatchObject({
    counts: { written: 1 },
    result: '{"counts":{"written":1},"values":{},"ref":null}',
    resultRef: null,
  });
});

test('a request that comes twice, or with an older epoch, runs once', async () => {
  const executor = heldExecutor();
  await start({ executor });
  await desk.ask(aRequest({ epoch: 2 }), aRequest({ epoch: 2 }), aRequest({ epoch: 1 }), aRequest({ runId: 'r2' }));
  const held = await executor.begun(2);

  expect(held.map(({ request }) => `${request.runId} ${request.epoch}`).sort()).toEqual(['r1 2', 'r2 1']);
});

test('a later epoch takes the place of an attempt under way, of which nothing is told any more', async () => {
  const executor = heldExecutor();
  await start({ executor });
  await desk.ask(aRequest({ epoch: 1 }));
  await executor.begun(1);
  await desk.ask(aRequest({ epoch: 2 }));
  const [first, second] = await executor.begun(2);
  second?.end.resolve();
  const reports = await desk.reports('succeeded', 1);

  expect(first?.signal.aborted).toBe(true);
  expect(reports.map(({ kind, epoch }) => `${kind} ${epoch}`)).toEqual(['started 1', 'started 2', 'succeeded 2']);
});

test('a cancelled attempt is told to stop and reported as cancelled; one that was not started yet never starts', async () => {
  const executor = heldExecutor();
  await start({ executor, atOnce: 1 });
  await desk.ask(aRequest());
  await executor.begun(1);
  await desk.ask(aRequest({ task: 'u' }));
  // As the orchestrator writes them: they name the attempt and carry neither task nor input.
  const wish = { kind: 'cancel', spec: '', input: '' } as const;
  await desk.ask(aRequest({ ...wish, task: 'u' }), aRequest(wish));
  const reports = await desk.reports('cancelled', 2);

  expect(reports.map(({ kind, task }) => `${kind} ${task}`).sort()).toEqual(['cancelled t', 'cancelled u', 'started t']);
});

test('a timeout counts from the start of the attempt, whatever time it is elsewhere and however long the request waited', async () => {
  const executor = heldExecutor();
  await start({ executor });
  await desk.ask(aRequest({ deadlineAt: 1, requestedAt: 1, timeoutMs: 60_000 }));
  const [attempt] = await executor.begun(1);
  attempt?.end.resolve();

  expect((await desk.reports('succeeded', 1)).map(({ kind }) => kind)).toEqual(['started', 'succeeded']);
});

test('an executor that does not heed the signal is given up after its grace', async () => {
  const executor = heldExecutor({ ignoresAbort: true });
  await start({ executor });
  await desk.ask(aRequest({ timeoutMs: 20 }));

  expect((await desk.reports('failed', 1)).at(-1)).toMatchObject({ errorCode: 'TASK_TIMED_OUT', errorClass: 'transient' });
});

test('a failure is told by its class; the text of a foreign error, which may quote data, is not', async () => {
  await start({ executor: { run: () => Promise.reject(new Error('patient Jane Doe')) } });
  await desk.ask(aRequest());
  const [, failed] = await desk.reports('failed', 1);

  expect(failed).toMatchObject({ errorCode: 'UNKNOWN', errorClass: 'fatal' });
  expect(failed?.detail).not.toContain('Jane');
});

test('a failure of the catalogue is told with its sentence', async () => {
  await start({ executor: { run: () => Promise.reject(new VigilError('DATABASE_CONFLICT')) } });
  await desk.ask(aRequest());

  expect((await desk.reports('failed', 1)).at(-1)).toMatchObject({
    errorCode: 'DATABASE_CONFLICT',
    errorClass: 'transient',
    detail: 'PostgreSQL asked to repeat the transaction. Nothing: it is repeated.',
  });
});

test('a task that nobody knows how to run is a failure of the configuration that names it', async () => {
  await start({ executor: undefined });
  await desk.ask(aRequest());
  const [, failed] = await desk.reports('failed', 1);

  expect(failed).toMatchObject({ errorCode: 'NO_EXECUTOR', errorClass: 'config' });
  expect(failed?.detail).toContain('Task t of w: type output, destination d.');
});

test('no more run at once than the worker takes, and what waits starts when a place is free', async () => {
  const executor = heldExecutor();
  const worker = await start({ executor, atOnce: 2 });
  await desk.ask(...Array.from({ length: 20 }, (_, part) => aRequest({ part })));
  await executor.begun(2);
  expect(worker.attempts.count()).toBe(2);
  for (let ended = 0; ended < 20; ended++) (await executor.begun(ended + 1))[ended]?.end.resolve();

  expect((await desk.reports('succeeded', 20)).filter(({ kind }) => kind === 'started')).toHaveLength(20);
});

test('one heartbeat tells of all attempts under way, and progress is told at most once a pulse', async () => {
  const executor = heldExecutor();
  await start({ executor });
  await desk.ask(aRequest({ leaseMs: 400 }), aRequest({ part: 1, leaseMs: 400 }));
  const [execution] = await executor.begun(2);
  for (let read = 1; read <= 50; read++) execution?.progress({ read }, 'behind');
  execution?.log('half of it');
  const reports = await desk.reports('heartbeat', 1);
  const progressed = reports.filter(({ kind }) => kind === 'progressed');

  expect(reports.find(({ kind }) => kind === 'heartbeat')?.leases.map(({ part, epoch }) => `${part} ${epoch}`)).toEqual(['0 1', '1 1']);
  expect(progressed.map(({ detail, counts, health }) => ({ detail, counts, health }))).toEqual([
    { detail: 'half of it', counts: { read: 50 }, health: 'behind' },
    { detail: '', counts: { read: 50 }, health: 'behind' },
  ]);
});

test('a worker that leaves lets attempts end, hands back at once what goes on elsewhere, and the rest when its time is over', async () => {
  const executor = heldExecutor();
  const worker = await start({ executor });
  await desk.ask(aRequest(), aRequest({ part: 1 }));
  const held = await executor.begun(2);
  const drained = worker.attempts.drain(200);
  held[0]?.end.resolve();
  await drained;
  const reports = await desk.reports('heartbeat', 1);

  expect(held[1]?.signal.aborted).toBe(true);
  expect(reports.find(({ kind }) => kind === 'heartbeat')).toMatchObject({ leaseMs: 0, leases: [{ part: held[1]?.request.part }] });
  expect(reports.filter(({ kind }) => kind === 'succeeded').map(({ part }) => part)).toEqual([held[0]?.request.part]);
});

test('what can go on elsewhere is handed back without waiting', async () => {
  const executor = heldExecutor({ isResumable: true });
  const worker = await start({ executor });
  await desk.ask(aRequest());
  await executor.begun(1);
  await worker.attempts.drain(60_000);

  expect((await desk.reports('heartbeat', 1)).at(-1)).toMatchObject({ leaseMs: 0, leases: [{ runId: 'r1', epoch: 1 }] });
});

test('values above 64 KiB are kept in the database, and the result names them', async () => {
  const kept: unknown[] = [];
  const payloads = { load: () => Promise.resolve({}), save: (_run: string, body: unknown) => Promise.resolve(`p${kept.push(body)}`) };
  const values = { text: 'x'.repeat(65_536) };
  await start({ executor: { run: () => Promise.resolve({ counts: { a: 1 }, values, ref: null }) }, payloads });
  await desk.ask(aRequest());

  expect((await desk.reports('succeeded', 1)).at(-1)).toMatchObject({
    resultRef: 'p1',
    result: '{"counts":{"a":1},"values":{},"ref":"p1"}',
  });
  expect(kept).toEqual([values]);
});

test('an input above 64 KiB is read from the database', async () => {
  const executor = heldExecutor();
  const input = { before: { counts: { read: 3 }, values: {}, ref: null } };
  await start({ executor, payloads: { load: (id) => Promise.resolve(id === 'p9' ? input : {}), save: () => Promise.resolve('') } });
  await desk.ask(aRequest({ input: '', inputRef: 'p9' }));

  expect((await executor.begun(1))[0]?.input).toEqual(input);
});

test('what is no request is passed over', async () => {
  const executor = heldExecutor();
  await start({ executor });
  await desk.ask(aRequest({ spec: 'no JSON' }), aRequest({ part: 1 }));

  expect((await executor.begun(1))[0]?.request.part).toBe(1);
});

/** A worker began what was asked and went away without a word, as if its partitions were taken from it. */
const beginElsewhere = async (requests: readonly ReturnType<typeof aRequest>[]): Promise<void> => {
  const executor = heldExecutor();
  const first = await start({ executor, worker: 'first' });
  await desk.ask(...requests);
  await executor.begun(requests.filter(({ kind }) => kind === 'run').length);
  await first.consumer.stop();
};

test('a copy of a request that another worker began is dropped by the worker that takes its partition over', async () => {
  await beginElsewhere([aRequest()]);
  const executor = heldExecutor();
  await start({ executor, worker: 'second' });
  await desk.ask(aRequest(), aRequest({ epoch: 2 }));

  expect((await executor.begun(1)).map(({ request }) => request.epoch)).toEqual([2]);
});

test('a copy that comes after an outage is dropped, too, however long ago the first one was published', async () => {
  const hourMs = 3_600_000;
  const longAgo = Date.now() - 5 * hourMs;
  const old = aRequest({ requestedAt: longAgo });
  // The first copy, then more than one piece of the log, then what was published lately.
  await desk.askAt(longAgo, old);
  const between = Array.from({ length: 1500 }, () => aRequest({ kind: 'cancel', epoch: 0 }));
  await desk.askAt(longAgo + hourMs, ...between);
  const topic = topics.taskRequestedDefault.name;
  const ends = await client.admin.highWatermarks(topic);
  const positions = ends.map((offset, partition) => ({ topic, partition, offset, metadata: '' }));
  await client.admin.commitPositions('orchestrator-worker.default', positions);
  const executor = heldExecutor();
  await start({ executor });
  await desk.ask(old, aRequest({ epoch: 2 }));

  expect((await executor.begun(1)).map(({ request }) => request.epoch)).toEqual([2]);
});
