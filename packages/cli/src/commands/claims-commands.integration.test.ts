import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { topics, type MemberChanged, type ReviewDecided } from '@vigil/contracts';
import { tokenOf } from '@vigil/core';
import { createKafkaClient, createRegistry, createValueDecoder, partitionOf, readWhole } from '@vigil/kafka';
import { createPool } from '@vigil/postgres';
import { loadKeys } from '@vigil/runtime';
import { startStack, stackEnv } from '@vigil/stack';
import { addressOf } from '../connect/addresses.ts';
import { runCli } from '../run-cli.ts';

const shipped = fileURLToPath(new URL('../../../../infra/reference', import.meta.url));
/** Names of its own, so that this test meets only its own records on a stack that all tests share. */
const mark = `${Date.now()}_${Math.trunc(Math.random() * 1e6)}`;
let folder: string;

async function vigil(...args: readonly string[]) {
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

async function recordsOf<Value>(topic: { readonly name: string; readonly schema: (typeof topics.reviewDecided)['schema'] }) {
  const client = createKafkaClient({ brokers: addressOf('kafkaBrokers').split(','), clientId: 'vigil-test' });
  const registry = createRegistry({ url: addressOf('schemaRegistryUrl') });
  try {
    const [described] = await client.admin.describeTopics([topic.name]);
    const partitions = described?.partitions ?? 0;
    const found: { readonly partition: number; readonly key: string; readonly value: Buffer }[] = [];
    const places = Array.from({ length: partitions }, (_, partition) => ({ topic: topic.name, partition }));
    await readWhole({
      client,
      places,
      pollMs: 200,
      onRecord: ({ partition }, { key, value }) => void found.push({ partition, key: String(key), value: Buffer.from(value ?? '') }),
    });
    for (const { value } of found) await registry.schemaOf(value.readInt32BE(1));
    const decode = createValueDecoder(topic.schema, registry);
    return { partitions, records: found.map((record) => ({ ...record, value: decode(record.value) as Value })) };
  } finally {
    await client.close();
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vigil-reference-'));
  await startStack();
  for (const step of [
    ['db', 'migrate'],
    ['topics', 'apply'],
    ['schemas', 'register'],
  ])
    expect(await vigil(...step)).toMatchObject({ code: 0 });
}, 120_000);
afterAll(() => rm(folder, { recursive: true }));

interface Loaded {
  readonly topics: readonly { readonly topic: string; readonly rows: number; readonly published: number; readonly unchanged: number }[];
}

test('the shipped reference data are loaded, and the second time nothing is published', async () => {
  await json('reference', 'load', shipped);
  const { topics: again } = await json<Loaded>('reference', 'load', shipped);

  expect(again.map(({ topic }) => topic).sort()).toEqual([
    'reference.code.changed.v1',
    'reference.edit.changed.v1',
    'reference.fee-schedule.changed.v1',
    'reference.member.changed.v1',
    'reference.plan.changed.v1',
    'reference.provider.changed.v1',
  ]);
  expect(again.every(({ rows, published, unchanged }) => published === 0 && unchanged === rows)).toBe(true);
  expect((await vigil('reference', 'load', shipped, '--as-of', '2024-12-31')).stdout).toContain('1 not in force yet');
}, 60_000);

test('a member of a policy of its own is found by the tokens of its identifiers, on the partition of its policy', async () => {
  const header = (await readFile(join(shipped, 'members.csv'), 'utf8')).split('\n')[0] as string;
  const own = join(folder, 'members.csv');
  await writeFile(own, `${header}\nPOL_${mark},PAT_${mark},1,PAT_${mark},self,Roe,Jane,1980-05-17,,female\n`);
  expect((await json<Loaded>('reference', 'load', folder)).topics).toMatchObject([{ rows: 1, published: 1 }]);

  const { token } = loadKeys(stackEnv().keysFile);
  const policyToken = tokenOf(token, 'policy', `POL_${mark}`);
  const { partitions, records } = await recordsOf<MemberChanged>(topics.memberChanged);
  const found = records.filter(({ value }) => value.policyToken === policyToken);
  expect(found).toMatchObject([
    { partition: partitionOf(Buffer.from(policyToken), partitions), value: { version: 1, nameToken: tokenOf(token, 'name', 'ROE|JANE') } },
  ]);

  await writeFile(own, `${header}\nPOL_${mark},PAT_${mark},1,PAT_${mark},self,Roe,Jane,1980-05-18,,female\n`);
  expect(await vigil('reference', 'load', folder)).toMatchObject({
    code: 78,
    stderr: expect.stringContaining('members.csv:2 version: changed without a new version'),
  });
}, 60_000);

test('a bad row is told with its place, and the date of --as-of must be one', async () => {
  await copyFile(join(shipped, 'providers.csv'), join(folder, 'providers.csv'));
  await writeFile(join(folder, 'members.csv'), 'policy\n');

  const ran = await vigil('reference', 'load', folder, '--json');
  expect(ran).toMatchObject({ code: 78, stderr: expect.stringContaining('members.csv:1: the header must be') });
  expect(JSON.parse(ran.stdout)).toMatchObject({ error: { code: 'BAD_REFERENCE_DATA' } });
  expect(await vigil('reference', 'load', shipped, '--as-of', 'soon')).toMatchObject({ code: 2 });
}, 60_000);

interface Shown {
  readonly review: { readonly reviewId: string; readonly state: string; readonly claimId: string };
}

/** As the operational sink writes it. */
async function requestReview(reviewId: string, chargeCents: number): Promise<void> {
  const pool = createPool({ url: addressOf('databaseUrl'), applicationName: 'vigil-test' });
  try {
    await pool.query(
      `INSERT INTO claims.review (review_id, submission_id, record_key, policy_token, patient_token, claim_id, reasons, charge_cents, requested_at)
       VALUES ($1, 's', $2, $2, 'p', 'CLM_SECRET', '[{"code":"AMOUNT_RANGE","field":"total_amount","line":0}]', $3, now())`,
      [reviewId, `t.${mark}`, chargeCents],
    );
  } finally {
    await pool.end();
  }
}

test('a review is listed, shown masked, revealed with a reason, and decided by two people above the limit', async () => {
  const [small, large] = [`small-${mark}`, `large-${mark}`];
  await requestReview(small, 15_000);
  await requestReview(large, 1_000_001);

  const listed = await vigil('claims', 'review', 'list');
  expect(listed.stderr).not.toContain('are shown');
  const one = await vigil('claims', 'review', 'list', '--limit', '1');
  expect(one.stdout.trim().split('\n')).toHaveLength(1);
  expect(one.stderr).toMatch(/^1 of \d+ are shown: --limit \d+ shows all$/m);
  expect((await vigil('claims', 'review', 'list', '--limit', '0')).code).toBe(2);
  expect(listed.stdout).toContain(`${large}  open       `);
  expect(listed.stdout).not.toContain('CLM_SECRET');
  expect((await vigil('claims', 'review', 'show', small)).stdout).toContain('claim ***');
  expect(await json<Shown>('claims', 'review', 'show', small, '--reveal', '--reason', 'look up', '--as', 'alice')).toMatchObject({
    review: { claimId: 'CLM_SECRET' },
  });

  const reason = ['--reason', 'not necessary'];
  expect(
    await json<Shown>('claims', 'review', 'decide', small, 'deny', '--group', 'CO', '--carc', '50', ...reason, '--as', 'alice'),
  ).toMatchObject({ review: { state: 'published' } });
  const proposed = await vigil('claims', 'review', 'decide', large, 'release', ...reason, '--as', 'alice');
  expect(proposed.stdout).toContain(`vigil claims review confirm ${large} --as NAME`);
  expect(await vigil('claims', 'review', 'confirm', large, '--as', 'Alice')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('SECOND_PERSON_NEEDED'),
  });
  expect(await json<Shown>('claims', 'review', 'decline', large, '--reason', 'ask the doctor', '--as', 'bob')).toMatchObject({
    review: { state: 'open' },
  });
  await json('claims', 'review', 'decide', large, 'release', ...reason, '--as', 'alice');
  await json('claims', 'review', 'confirm', large, '--as', 'bob');
  expect(await vigil('claims', 'review', 'decide', large, 'release', ...reason, '--as', 'carol')).toMatchObject({ code: 2 });
  expect((await vigil('claims', 'review', 'list', '--closed')).code).toBe(0);

  const { partitions, records } = await recordsOf<ReviewDecided>(topics.reviewDecided);
  const own = records.filter(({ key }) => key === `t.${mark}`);
  expect(own.map(({ partition }) => partition)).toEqual(own.map(() => partitionOf(Buffer.from(`t.${mark}`), partitions)));
  expect(own.map(({ value }) => [value.reviewId, value.decision, value.person, value.secondPerson])).toEqual([
    [small, 'deny', 'alice', null],
    [large, 'release', 'alice', 'bob'],
  ]);
}, 90_000);
