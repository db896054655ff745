import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { compileReader, topics, wireHeaderBytes, type ParametersChanged, type TaskRequested } from '@vigil/contracts';
import { createMemoryBroker, createMemoryRegistry, systemEngineClock, type KafkaClient } from '@vigil/kafka';
import { inTransaction } from '@vigil/postgres';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import { reportOf, requestTopics } from '../../../fixtures/instant-worker.ts';
import { aRun, forgetRunsSql, startRunHarness, until, type RunHarness } from '../../../fixtures/run-harness.ts';
import { openStepRig, type StepRig } from '../../../fixtures/step-rig.ts';
import { createPublisher, type Publisher } from './create-publisher.ts';
import { putOut } from './outbox-rows.ts';

let database: TestDatabase;
let rig: StepRig;
let harness: RunHarness | undefined;
let broker: ReturnType<typeof createMemoryBroker>;
const registry = createMemoryRegistry();
const { name: topic, schema } = requestTopics.default;

beforeAll(async () => {
  database = await createTestDatabase('vigil');
});
afterAll(() => database?.drop());
afterEach(async () => {
  await harness?.stop();
  harness = undefined;
  await rig.close();
});
beforeEach(async () => {
  await database.pool.query(forgetRunsSql);
  rig = openStepRig(database.url);
  broker = createMemoryBroker({ clock: systemEngineClock });
  broker.createTopic(topic, 2);
});

const refused: string[] = [];
const publisherOn = (client: KafkaClient, claimMs = 15_000): Publisher =>
  createPublisher({ pool: rig.pool, client, registry, claimMs, onRefused: ({ key }) => void refused.push(key) });
const message = (key: string, epoch: number) => ({ topic, key, value: { messageId: `${key}-${epoch}`, kind: 'run', epoch } });
const put = (keys: readonly (readonly [string, number])[], claimMs: number) =>
  inTransaction(rig.pool, (transaction) =>
    putOut(
      transaction,
      keys.map(([key, epoch]) => message(key, epoch)),
      claimMs,
    ),
  );
async function published(): Promise<string[]> {
  const fetcher = await broker.connect().openFetcher();
  for (const partition of [0, 1]) fetcher.assign({ topic, partition }, 0);
  const read = compileReader(schema, schema);
  const batches = await fetcher.poll(10);
  await fetcher.close();
  return batches.flatMap(({ records }) =>
    [...records].map(({ value }) => (read(value as Buffer, wireHeaderBytes, (value as Buffer).length) as TaskRequested).messageId),
  );
}
const waiting = async () => (await rig.query<{ n: number }>('SELECT count(*)::int AS n FROM orchestration.outbox'))[0]?.n;

test('what was published is forgotten after the acknowledgement', async () => {
  const publisher = publisherOn(broker.connect());
  await publisher.publish(await put([['a', 1]], 15_000));
  expect(await published()).toEqual(['a-1']);
  expect(await waiting()).toBe(0);
  await publisher.close();
});

test('a crash between acknowledgement and forgetting publishes again, under the same message id', async () => {
  const crashing = publisherOn(broker.connect({ hook: async (point) => { if (point === 'produce:after') throw Object.assign(new Error('cut'), { code: 'ECONNRESET' }); } })); // prettier-ignore
  await expect(crashing.publish(await put([['a', 1]], 15_000))).rejects.toBeDefined();
  const successor = publisherOn(broker.connect());
  expect(await successor.relay()).toBe(1);
  expect(await published()).toEqual(['a-1', 'a-1']);
  expect(await waiting()).toBe(0);
  await successor.close();
});

test('what another process claimed is left to it until its claim ends', async () => {
  await put([['a', 1]], 15_000);
  const publisher = publisherOn(broker.connect());
  expect(await publisher.relay()).toBe(0);
  await rig.query("UPDATE orchestration.outbox SET claimed_until = clock_timestamp() - interval '1 second'");
  expect(await publisher.relay()).toBe(1);
  await publisher.close();
});

test('a message whose key has an older one on its way waits for it; other keys go on', async () => {
  expect(await put([['a', 1]], 15_000)).toHaveLength(1);
  const ours = await put([['a', 2], ['b', 1]], 15_000); // prettier-ignore
  expect(ours.map(({ key }) => key)).toEqual(['b']);
  const publisher = publisherOn(broker.connect());
  // The owner of a-1 is still at it.
  expect(await publisher.relay()).toBe(0);
  await rig.query(
    "UPDATE orchestration.outbox SET claimed_until = clock_timestamp() - interval '1 second' WHERE key = 'a' AND claimed_until IS NOT NULL",
  );
  expect(await publisher.relay()).toBe(2);
  expect(await published()).toEqual(['a-1', 'a-2']);
  await publisher.close();
});

test('what is larger than its topic takes is left out and told; all other messages go on', async () => {
  broker.deleteTopic(topic);
  broker.createTopic(topic, 2, { 'max.message.bytes': '1000' });
  await put([['a', 1], ['x'.repeat(600), 1], ['b', 1], ['c', 1]], 0); // prettier-ignore
  const publisher = publisherOn(broker.connect());
  expect(await publisher.relay()).toBe(4);
  expect((await published()).toSorted()).toEqual(['a-1', 'b-1', 'c-1']);
  expect(refused.splice(0)).toEqual(['x'.repeat(600)]);
  expect(await waiting()).toBe(0);
  await publisher.close();
});

test('two relays at once publish each message once', async () => {
  await put(
    Array.from({ length: 40 }, (_, n) => [`k${n}`, 1] as const),
    0,
  );
  const relays = [publisherOn(broker.connect()), publisherOn(broker.connect())];
  const counts = await Promise.all(relays.map((publisher) => publisher.relay()));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(40);
  expect(new Set(await published()).size).toBe(40);
  expect(await published()).toHaveLength(40);
});

const single = (description: string): string =>
  `name: lonely\ndescription: ${description}\ntasks:\n  - {name: one, type: business_logic, function: score}\n`;

test('the same text is the same version; another text the next; an earlier text comes back under its number', async () => {
  const outcomes = [];
  for (const text of ['first', 'first', 'second', 'first']) outcomes.push(await rig.definitions.deploy(single(text), 'tester'));
  expect(outcomes.map(({ version, outcome }) => [version, outcome])).toEqual([[1, 'created'], [1, 'unchanged'], [2, 'created'], [1, 'returned']]); // prettier-ignore
  expect(await rig.definitions.list()).toMatchObject([{ workflow: 'lonely', version: 1, enabled: true, deployedBy: 'tester' }]);
  expect(await rig.definitions.find('lonely', 2)).toMatchObject({ text: single('second'), plan: { version: 2, tasks: [{ name: 'one' }] } });
  expect(await rig.definitions.planOf('lonely', 9)).toBeNull();
  await rig.definitions.disable('lonely', 'tester');
  expect(await rig.definitions.list()).toMatchObject([{ enabled: false }]);
  await rig.definitions.enable('lonely', 'tester');
  await expect(rig.definitions.disable('nobody', 'tester')).rejects.toMatchObject({ code: 'WORKFLOW_UNKNOWN' });
  await expect(rig.definitions.deploy('name: Lonely', 'tester')).rejects.toMatchObject({ code: 'BAD_DEFINITION' });
});

test('deployments that race give each text its own number', async () => {
  const texts = Array.from({ length: 6 }, (_, n) => single(`text ${n % 3}`));
  const deployed = await Promise.all(texts.map((text) => rig.definitions.deploy(text, 'tester')));
  expect(new Set(deployed.map(({ version }) => version))).toEqual(new Set([1, 2, 3]));
  expect(new Set(deployed.map(({ version, sha256 }) => `${version} ${sha256}`)).size).toBe(3);
});

test('a deployment tells its parameters, and from which offsets on they are in force', async () => {
  const started = await startRunHarness({ databaseUrl: database.url, worker: null });
  harness = started;
  await started.definitions.deploy(single('first'), 'tester');
  const changed = await until(async () => {
    const fetcher = await started.client.openFetcher();
    fetcher.assign({ topic: topics.parametersChanged.name, partition: 0 }, 0);
    fetcher.assign({ topic: topics.parametersChanged.name, partition: 1 }, 0);
    const batches = await fetcher.poll(10);
    await fetcher.close();
    const read = compileReader(topics.parametersChanged.schema, topics.parametersChanged.schema);
    return batches.flatMap(({ records }) =>
      [...records].map(({ value }) => read(value as Buffer, wireHeaderBytes, (value as Buffer).length) as ParametersChanged),
    )[0];
  });
  expect(changed).toMatchObject({
    workflow: 'lonely',
    version: 1,
    definition: single('first'),
    deployedBy: 'tester',
    inForceFrom: { 'ehr.visit.recorded.v1-0': 7 },
  });
  expect(Math.abs(changed.deployedAt - Date.now())).toBeLessThan(60_000);
});

test('who runs beside tells lineage and starts runs in the same transaction as the end of a run', async () => {
  const ended: string[] = [];
  const started = await startRunHarness({
    databaseUrl: database.url,
    extend: ({ runs }) => ({
      runs: {
        ended: async (transaction, list) => {
          ended.push(...list.map(({ workflow, status }) => `${workflow} ${status}`));
          const upstream = list.filter(({ workflow }) => workflow === 'lonely');
          await runs.requestIn(
            transaction,
            upstream.map(() => aRun('behind', { trigger: 'upstream' })),
          );
        },
        fellBack: async (_transaction, tasks) => void ended.push(...tasks.map(({ task, action }) => `${task} ${action}`)),
        tell: (steps) =>
          steps.map(({ step }) => ({ topic: topics.lineageRunEmitted.name, key: step.state.runId, value: { runId: step.state.runId } })),
      },
    }),
    worker: {
      answer: ({ workflow }) => [{ kind: 'started' }, ...(workflow === 'behind' ? [] : [{ kind: 'succeeded' }])],
    },
  });
  harness = started;
  await started.definitions.deploy(single('first'), 'tester');
  await started.definitions.deploy(
    'name: behind\ntasks:\n  - {name: one, type: business_logic, function: score, fallback_action: quarantine_data}\n',
    'tester',
  );
  await started.runs.request([aRun('lonely')]);
  const file = `INSERT INTO orchestration.file (file_id, source, path, version, bytes, modified_at, state, run_id)
    SELECT gen_random_uuid(), 'ehr_sftp', f.state, 'v', 1, now(), f.state, run_id FROM orchestration.run, unnest(ARRAY['CLAIMED', 'LOADED']) AS f (state) WHERE workflow = 'behind'`;
  const request = await until(() => started.worker.requests.find(({ workflow }) => workflow === 'behind'));
  await database.pool.query(file);
  await started.worker.report([reportOf(request, { kind: 'failed', errorClass: 'poison', errorCode: 'BAD_SHAPE' })]);
  await until(
    async () => (await rig.query("SELECT FROM orchestration.run WHERE workflow = 'behind' AND ended_at IS NOT NULL")).length === 1,
  );
  expect(await rig.query('SELECT path, state, error_code AS code FROM orchestration.file ORDER BY path')).toEqual([
    { path: 'CLAIMED', state: 'QUARANTINED', code: 'BAD_SHAPE' },
    { path: 'LOADED', state: 'LOADED', code: null },
  ]);
  expect(ended[0]).toBe('lonely succeeded');
  expect(started.isWell()).toBe(true);
  expect(ended[1]).toBe('one quarantine_data');
  expect(ended[2]).toMatch(/^behind /);
  await until(
    async () => (await started.client.admin.stableOffsets(topics.lineageRunEmitted.name)).reduce((sum, offset) => sum + offset, 0) >= 6,
  );
  expect(started.fatal).toEqual([]);
});
