import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { createKafkaClient, type KafkaClient } from '@vigil/kafka';
import { startStack } from '@vigil/stack';
import { namespaced } from '@vigil/testing';
import { aRequest, heldExecutor, openDesk, openWorker, rigPartitions, type Desk } from './worker-rig.fixture.ts';

let connect: () => KafkaClient;
let desk: Desk;
const clients: KafkaClient[] = [];

beforeAll(async () => {
  const { env } = await startStack();
  const prefix = `worker-${randomUUID().slice(0, 8)}.`;
  connect = () => {
    const client = namespaced(createKafkaClient({ brokers: env.kafkaBrokers.split(','), clientId: 'worker-test' }), prefix);
    clients.push(client);
    return client;
  };
  const client = connect();
  const names = [topics.taskRequestedDefault.name, topics.taskReported.name];
  await client.admin.createTopics(names.map((name) => ({ name, partitions: rigPartitions, replicationFactor: 1, config: {} })));
  desk = await openDesk(client);
}, 180_000);

afterAll(async () => {
  await desk.close();
  for (const client of clients) await client.close();
});

test('every request on a real broker is told as started, and then its result', async () => {
  const worker = await openWorker({ client: connect(), executor: { run: () => Promise.resolve({ counts: {}, values: {}, ref: null }) } });
  for (let number = 0; number < 5; number++) await desk.ask(aRequest({ runId: `asked-${number}` }));

  await desk.reports('succeeded', 5);
  const started = (await desk.reports('started', 5)).filter(({ kind }) => kind === 'started');
  expect(started.map(({ runId }) => runId).sort()).toEqual([0, 1, 2, 3, 4].map((number) => `asked-${number}`));
  await worker.stop();
}, 30_000);

test('a zombie’s late report carries its old epoch, and the request of the next epoch runs elsewhere', async () => {
  const zombieExecutor = heldExecutor({ ignoresAbort: true });
  const zombie = await openWorker({ client: connect(), executor: zombieExecutor, worker: 'zombie', abortGraceMs: 60_000 });
  await desk.ask(aRequest({ runId: 'z', epoch: 1 }));
  const [late] = await zombieExecutor.begun(1);
  // It reads no more, as if it were paused; the partition goes to another.
  await zombie.consumer.stop();
  const executor = heldExecutor();
  const next = await openWorker({ client: connect(), executor, worker: 'next' });
  await desk.ask(aRequest({ runId: 'z', epoch: 2 }));
  const [held] = await executor.begun(1);
  late?.end.resolve();
  held?.end.resolve();
  const reports = (await desk.reports('succeeded', 7)).filter(({ runId }) => runId === 'z');
  await zombie.stop();
  await next.stop();

  expect(reports.map(({ kind, worker, epoch }) => `${kind} ${worker} ${epoch}`).sort()).toEqual([
    'started next 2',
    'started zombie 1',
    'succeeded next 2',
    'succeeded zombie 1',
  ]);
}, 30_000);
