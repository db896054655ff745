import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { compileReader, topics, wireHeaderBytes, type AccessRecorded } from '@vigil/contracts';
import { createKafkaClient, createRegistry, haltStage, readWhole } from '@vigil/kafka';
import { startStack } from '@vigil/stack';
import { addressOf } from '../connect/addresses.ts';
import { runCli } from '../run-cli.ts';

const queue = 'vitals.reading.received.v1.device-ingest.dlq';

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function vigil(...args: readonly string[]): Promise<Ran> {
  let stdout = '';
  let stderr = '';
  const code = await runCli(args, { stdout: { write: (text) => (stdout += text) }, stderr: { write: (text) => (stderr += text) } });
  return { code, stdout, stderr };
}

async function json<Value>(...args: readonly string[]): Promise<Value> {
  const { code, stdout, stderr } = await vigil(...args, '--json');
  if (code !== 0) throw new Error(`vigil ${args.join(' ')} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as Value;
}

/** A code of its own, so that this test meets only its own records in a queue that all tests share. */
const code = `TEST_${Date.now()}_${Math.trunc(Math.random() * 1e6)}`;

async function withClient<Result>(work: (client: ReturnType<typeof createKafkaClient>) => Promise<Result>): Promise<Result> {
  const client = createKafkaClient({ brokers: addressOf('kafkaBrokers').split(','), clientId: 'vigil-test' });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** Quarantined as a stage does it. */
const quarantine = (...texts: readonly string[]): Promise<void> =>
  withClient(async (client) => {
    const producer = await client.openIdempotentProducer();
    const headers = {
      'origin-topic': 'vitals.reading.received.v1',
      'origin-partition': '2',
      'origin-offset': '7',
      'origin-timestamp': '5',
      'error-code': code,
    };
    await producer.send(
      texts.map((text) => ({
        topic: queue, partition: 2, key: Buffer.from('CLI_TEST'), value: Buffer.from(text), timestamp: null,
        headers: Object.entries(headers).map(([name, value]) => [`vigil-${name}`, Buffer.from(value)] as const),
      })),
    ); // prettier-ignore
    await producer.close();
  });

const accessesOf = (reason: string): Promise<AccessRecorded[]> =>
  withClient(async (client) => {
    const { name, schema } = topics.accessRecorded;
    const read = compileReader(schema);
    const [described] = await client.admin.describeTopics([name]);
    const found: AccessRecorded[] = [];
    const places = Array.from({ length: described?.partitions ?? 0 }, (_, partition) => ({ topic: name, partition }));
    const onRecord = (_place: unknown, { value }: { readonly value: Buffer | null }): void => {
      if (value !== null) found.push(read(value, wireHeaderBytes) as AccessRecorded);
    };
    await readWhole({ client, places, pollMs: 200, onRecord });
    return found.filter((access) => access.reason === reason);
  });

beforeAll(async () => {
  await startStack();
  await vigil('db', 'migrate');
  await vigil('topics', 'apply');
  await vigil('schemas', 'register');
  await quarantine('{"device_id":"SECRET_1"', '{"device_id":"SECRET_2"');
}, 120_000);

test('what is in quarantine is listed, counted and shown masked', async () => {
  const { queues } = await json<{ queues: object[] }>('dlq', 'list', '--code', code);
  const shown = await vigil('dlq', 'show', queue, '--code', code);

  expect(queues).toContainEqual(expect.objectContaining({ topic: queue, count: 2, codes: { [code]: 2 } }));
  expect((await vigil('dlq', 'list', '--group', 'device-ingest')).stdout).toContain(queue);
  expect(await json('dlq', 'stats', '--code', code, '--topic', 'vitals.reading.received.v1')).toMatchObject({
    count: 2,
    codes: { [code]: 2 },
  });
  expect((await vigil('dlq', 'stats', '--code', code)).stdout).toContain(`by code: ${code} 2`);
  expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining('from vitals.reading.received.v1-2 at 7') });
  expect(shown.stdout).not.toContain('SECRET');
});

test('values are shown with a reason only, and who saw them is on record', async () => {
  const reason = `test ${code}`;

  const { stdout } = await vigil('dlq', 'show', queue, '--code', code, '--reveal', '--reason', reason, '--as', 'Alice', '--limit', '2');

  expect(stdout).toContain('SECRET_2');
  expect(await accessesOf(reason)).toEqual([
    expect.objectContaining({
      subtype: 'reveal',
      entity: queue,
      agent: 'alice',
      records: 2,
      places: [expect.any(String), expect.any(String)],
    }),
  ]);
});

test('an export is masked unless there is a reason', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vigil-export-'));
  const reason = `export ${code}`;

  expect(await json('dlq', 'export', queue, join(folder, 'masked'), '--code', code)).toMatchObject({ written: 2, revealed: false });
  expect((await vigil('dlq', 'export', queue, join(folder, 'open'), '--code', code, '--reveal', '--reason', reason)).stdout).toContain(
    '2 records',
  );

  expect(await readFile(join(folder, 'masked'), 'utf8')).not.toContain('SECRET');
  expect(await readFile(join(folder, 'open'), 'utf8')).toContain('SECRET_1');
  expect(await accessesOf(reason)).toMatchObject([{ subtype: 'export', records: 2 }]);
});

test('two people send records back; one may be taken back before', async () => {
  const flags = ['--code', code, '--reason', 'fixed'] as const;
  const dry = await json('dlq', 'requeue', queue, '--code', code, '--dry-run');
  expect((await vigil('dlq', 'requeue', queue, '--code', code, '--dry-run')).stdout).toContain('2 open records match');
  const first = await json<{ request: { id: string } }>('dlq', 'requeue', queue, ...flags, '--as', 'alice');
  const declined = await vigil('dlq', 'decline', first.request.id, '--as', 'alice');
  const { stdout } = await vigil('dlq', 'requeue', queue, ...flags, '--as', 'alice');
  const id = /vigil dlq approve (\S+)/.exec(stdout)?.[1] ?? '';

  expect(dry).toEqual({ dryRun: true, records: 2, codes: { [code]: 2 }, taken: 0, withoutOrigin: 0, needsApproval: true });
  expect(declined.stdout).toContain('declined');
  expect((await vigil('dlq', 'approve', id, '--as', 'ALICE')).stderr).toContain('SECOND_PERSON_NEEDED');
  expect((await vigil('dlq', 'approve', id, '--as', 'bob', '--rate', '1000')).stdout).toContain('2 sent back');
  expect(await json('dlq', 'requeue', queue, ...flags)).toMatchObject({ records: 0, taken: 2 });
  expect(await json<{ requests: object[] }>('dlq', 'requests')).toMatchObject({
    requests: expect.arrayContaining([expect.objectContaining({ id, state: 'done' })]),
  });
  expect((await vigil('dlq', 'requests')).stdout).toContain(id);
});

test('one record goes at once, an edited one waits, one without a way back is told', async () => {
  const edit = join(await mkdtemp(join(tmpdir(), 'vigil-edit-')), 'edit.json');
  await writeFile(edit, '{"device_id":"CLI","patient_id":"CLI","timestamp":"2026-01-01T00:00:00Z"}');
  await quarantine('one');
  const show = await json<{ records: { partition: number; offset: number; state: string }[] }>(
    'dlq',
    'show',
    queue,
    '--code',
    code,
    '--limit',
    '1',
  );
  const place = ['--partition', '2', '--offsets', String(show.records[0]?.offset)] as const;

  const asked = await json<{ request: { id: string } }>(
    'dlq',
    'requeue',
    queue,
    ...place,
    '--edit',
    edit,
    '--reason',
    'typo',
    '--as',
    'alice',
  );
  expect((await vigil('dlq', 'approve', asked.request.id, '--as', 'bob')).stderr).toContain('--edit FILE');
  expect(await vigil('dlq', 'decline', asked.request.id, '--as', 'bob')).toMatchObject({ code: 0 });
  expect((await vigil('dlq', 'discard', queue, ...place, '--reason', 'gone', '--as', 'alice')).stdout).toContain('1 discarded');
});

test('a halted stage is let go by name and with a reason', async () => {
  const stage = `test-stage-${code}`;
  const registry = createRegistry({ url: addressOf('schemaRegistryUrl') });
  await withClient((client) => haltStage({ client, registry }, { stage, code: 'QUARANTINE_LIMIT', by: stage, nowMs: Date.now() }));

  const { code: exit, stdout } = await vigil('resume', stage, '--reason', `resume ${code}`, '--as', 'alice');

  expect({ exit, stdout }).toEqual({
    exit: 0,
    stdout: expect.stringContaining(`${stage} may read again (halted by QUARANTINE_LIMIT at 20`),
  });
  expect(await accessesOf(`resume ${code}`)).toMatchObject([{ subtype: 'resume', entityType: 'stage', entity: stage }]);
  expect(await vigil('resume', stage, '--reason', 'again')).toMatchObject({ code: 2, stderr: expect.stringContaining('not halted') });
});

test.each([
  ['resume', 'device-ingest'],
  ['dlq', 'show', 'no-such-queue'],
  ['dlq', 'show', queue, '--reveal'],
  ['dlq', 'show', queue, '--reason', 'curious'],
  ['dlq', 'show', queue, '--since', 'yesterday'],
  ['dlq', 'show', queue, '--offsets', '3'],
  ['dlq', 'show', queue, '--partition', '0', '--offsets', '5-3'],
  ['dlq', 'show', queue, '--as', ''],
  ['dlq', 'requeue', queue, '--reason', 'everything?'],
  ['dlq', 'requeue', queue, '--all'],
  ['dlq', 'requeue', queue, '--all', '--reason', 'x', '--edit', '/no-such-file'],
  ['dlq', 'approve', 'no-such-request'],
])('%j is a mistake of the caller', async (...args) => {
  expect(await vigil(...args)).toMatchObject({ code: 2 });
});
