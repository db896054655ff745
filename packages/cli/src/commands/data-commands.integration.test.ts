import { mkdtemp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { allTopics } from '@vigil/contracts';
import { startStack } from '@vigil/stack';
import { createCliSession } from '../cli-io.ts';
import { runCli } from '../run-cli.ts';
import { localShape } from '../topics/apply-topics.ts';
import { tell } from './send.ts';

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

const json = async <Value>(...args: readonly string[]): Promise<Value> => JSON.parse((await vigil(...args, '--json')).stdout) as Value;

async function fileWith(text: string): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'vigil-test-')), 'input');
  await writeFile(path, text);
  return path;
}

beforeAll(async () => {
  await startStack();
  await vigil('topics', 'apply');
}, 120_000);

test('topics are created once and listed', async () => {
  const applied = await json<{ created: string[]; existing: number }>('topics', 'apply');
  const { topics } = await json<{ topics: { name: string; partitions: number | null }[] }>('topics', 'list');

  expect(applied).toEqual({ created: [], existing: allTopics(localShape).length });
  expect(topics.every(({ partitions }) => partitions !== null)).toBe(true);
  expect((await vigil('topics', 'list')).stdout).toContain('vitals.reading.received.v1');
  expect((await vigil('topics', 'apply')).stderr).toContain('no second copy');
});

test('another partition count is a matter of configuration', async () => {
  const { code, stderr } = await vigil('topics', 'apply', '--partitions', '5', '--replication', '2');

  expect(code).toBe(78);
  expect(stderr).toContain('PARTITION_MISMATCH');
});

test('schemas are registered, and checked against the registry', async () => {
  const registered = await json<{ subjects: { subject: string; id: number }[] }>('schemas', 'register');
  const checked = await json<{ compatible: boolean; subjects: { state: string }[] }>('schemas', 'check');

  expect(registered.subjects.length).toBe(checked.subjects.length);
  expect(checked).toMatchObject({ compatible: true });
  expect(new Set(checked.subjects.map(({ state }) => state))).toEqual(new Set(['registered']));
  expect((await vigil('schemas', 'check')).stdout).toContain('registered');
  expect((await vigil('schemas', 'register')).stdout).toMatch(/\d+ schemas registered/);
});

test('a schema that the registry cannot live with is told with its reasons', async () => {
  const answers: Record<string, unknown> = { GET: [1], POST: { is_compatible: false, messages: ['READER_FIELD_MISSING_DEFAULT_VALUE'] } };
  const server = createServer(({ method = '', url = '' }, response) => {
    if (method === 'POST' && url.startsWith('/subjects')) response.writeHead(404).end();
    else response.end(JSON.stringify(answers[method]));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.env['VIGIL_SCHEMA_REGISTRY_URL'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const { code, stdout } = await vigil('schemas', 'check');

    expect(code).toBe(1);
    expect(stdout).toMatch(/incompatible\n  READER_FIELD_MISSING_DEFAULT_VALUE/);
  } finally {
    delete process.env['VIGIL_SCHEMA_REGISTRY_URL'];
    await new Promise((resolve) => server.close(resolve));
  }
});

test('what stopped a sender is told with what had been acknowledged', () => {
  const lines: string[] = [];
  const { io } = createCliSession({ stdout: { write: () => {} }, stderr: { write: (text) => lines.push(text) } });

  tell(io, { sent: 3, rejected: 0, seconds: 1, rejections: [], error: { code: 'KAFKA_AWAY', message: 'Kafka does not answer.' } });

  expect(lines.join('')).toContain('KAFKA_AWAY: Kafka does not answer. What was under way may have arrived, too.');
});

test('messages are sent from a file and show as lag of their readers or in their positions', async () => {
  const endOf = async (): Promise<number> => {
    const { groups } = await json<{ groups: { group: string; topic: string; end: number }[] }>('lag');
    return groups
      .filter(({ group, topic }) => group === 'device-ingest' && topic === 'patients.record.received.v1')
      .reduce((sum, { end }) => sum + end, 0);
  };
  const before = await endOf();
  const file = await fileWith('{"patient_id":"CLI_TEST_1"}\n{"patient_id":"CLI_TEST_2"}\n');

  const { code, stdout } = await vigil('send', 'patients', file, '--batch-id', 'cli-test', '--rate', '1000', '--json');

  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ sent: 2, rejected: 0 });
  expect((await endOf()) - before).toBeGreaterThanOrEqual(2);
  expect((await vigil('lag')).stdout).toContain('device-ingest');
});

test('a message over 4 MB is rejected by name and the command fails', async () => {
  const file = await fileWith(`${'x'.repeat(5_000_000)}\n`.repeat(21));

  const { code, stdout, stderr } = await vigil('send', 'readings', file, '--shift-to-now', '--json');

  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ sent: 0, rejected: 21 });
  expect(stderr).toContain('message 1: MESSAGE_TOO_LARGE');
  expect(stderr).toContain('… and 1 more');
});

test('an empty file sends nothing and says so', async () => {
  const { code, stdout, stderr } = await vigil('send', 'readings', await fileWith('\n'));

  expect(code).toBe(0);
  expect(stdout).toMatch(/^0 sent, 0 rejected/);
  expect(stderr).toContain('holds no message');
});

test('claims of a file are sent with their findings told, and what is rejected fails the command', async () => {
  await vigil('schemas', 'register');
  const claim =
    '{"claim_id":"CLI_TEST_1","patient_id":"P","service_date":"2024-03-15","services":[{"procedure_code":"A","amount":1}],"total_amount":';
  const good = await vigil(
    'send',
    'claims',
    await fileWith(`${claim}1}\n${claim}"1"}\n`),
    '--batch-id',
    'cli-claims',
    '--rate',
    '1000',
    '--json',
  );
  expect(good.code).toBe(0);
  expect(JSON.parse(good.stdout)).toMatchObject({ sent: 2, rejected: 0, outcomes: { clean: 1, withProblems: 1, unreadable: 0 } });
  expect(good.stderr).toContain('input line 2 total_amount: sent with a problem: BAD_AMOUNT');

  const torn = 'ISA*00*          *00*          *ZZ*SUBMITTER      *ZZ*PAYER          *260301*1023*^*00501*000000001*0*T*:~';
  const directory = await mkdtemp(join(tmpdir(), 'vigil-test-'));
  const bad = await vigil('send', 'claims', await fileWith(torn), '--ack-dir', directory);
  expect(bad.code).toBe(1);
  expect(bad.stdout).toMatch(/^0 sent, 0 rejected.*\n.*\nacknowledgement: .*input\.000000001\.TA1\.ack\n$/);
  expect(bad.stderr).toContain('input segment 1 IEA: rejected: TA1-023');

  expect((await vigil('send', 'claims', await fileWith('\n'))).stderr).toContain('the input holds no claim');
  expect((await vigil('send', 'claims', 'x', '--batch-id', '')).code).toBe(2);
  expect((await vigil('send', 'claims', '/nowhere/at/all')).code).toBe(2);
});

test('the ledger answers with one document, balanced or not', async () => {
  const { code, stdout } = await vigil('ledger', '--json');
  const ledger = JSON.parse(stdout) as { balanced: boolean; unaccounted: number; stages: unknown[] };

  expect(code).toBe(ledger.balanced ? 0 : 1);
  expect(ledger).toMatchObject({ balanced: ledger.unaccounted === 0 });
  expect((await vigil('ledger')).stdout).toContain('unaccounted');
});

test('a fleet that does not drain in time is a failure', async () => {
  const { code, stderr } = await vigil('ledger', '--wait', '0', '--closed');

  // Either nobody runs who knows the windows, or the records sent above have not been read yet.
  expect([0, 1]).toContain(code);
  if (code === 1) expect(stderr).toMatch(/not drained within 0 s|STACK_DOWN/);
});

test.each([
  ['send', 'readings', 'no-such-file'],
  ['send', 'readings', '-', '--rate', 'fast'],
  ['send', 'readings', '-', '--batch-id', 'a\u0007'],
  ['send', 'readings', '-', '--no-such-flag'],
  ['send', 'patients', '-', '--shift-to-now'],
  ['send', 'readings'],
  ['ledger', '--closed'],
  ['ledger', '--wait', 'long'],
  ['topics', 'apply', '--partitions', '0'],
])('%j is a mistake of the caller', async (...args) => {
  expect((await vigil(...args)).code).toBe(2);
});
