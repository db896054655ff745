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

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;

test('from request to result on a real broker, median in milliseconds', async () => {
  const worker = await openWorker({ client: connect(), executor: { run: () => Promise.resolve({ counts: {}, values: {}, ref: null }) } });
  const took: number[] = [];
  for (let number = 0; number < 20; number++) {
    const beganMs = performance.now();
    await desk.ask(aRequest({ runId: `latency-${number}` }));
    await desk.reports('succeeded', number + 1);
    took.push(performance.now() - beganMs);
  }
  await worker.stop();
  process.stdout.write(`request → started → result: median ${median(took).toFixed(1)} ms\n`);

  expect(median(took)).toBeLessThan(50);
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
  const reports = (await desk.reports('succeeded', 22)).filter(({ runId }) => runId === 'z');
  await zombie.stop();
  await next.stop();

  expect(reports.map(({ kind, worker, epoch }) => `${kind} ${worker} ${epoch}`).sort()).toEqual([
    'started next 2',
    'started zombie 1',
    'succeeded next 2',
    'succeeded zombie 1',
  ]);
}, 30_000);
