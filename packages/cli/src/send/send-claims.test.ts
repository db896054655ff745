import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { beforeEach, expect, test } from '@jest/globals';
import { compileReader, topics, type ClaimReceived, type InterchangeRejected, type Topic } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import { partitionOf, readWhole, type FetchedRecord, type KafkaClient } from '@vigil/kafka';
import { generate837 } from '@vigil/testing';
import { clock, createMemoryFleet, nowMs, type MemoryFleet } from '../../test-support/memory-fleet.ts';
import { lineOfBad, type BadClaim } from './bad-claim.ts';
import { sendClaims, type SendClaimsReport } from './send-claims.ts';

const aClaim = (id: unknown, changes: object = {}): string =>
  JSON.stringify({ claim_id: id, patient_id: 'PAT_1', service_date: '2024-03-15', services: [{ procedure_code: '99213', amount: 150 }], total_amount: 150, ...changes }); // prettier-ignore
const interchange = (claims = 2, interchangeControl = 1): Buffer =>
  Buffer.concat([...generate837({ seed: 7, claims, interchangeControl })]);

let fleet: MemoryFleet;
let folder: string;
let told: BadClaim[];
beforeEach(async () => {
  fleet = createMemoryFleet();
  fleet.registry.register(topics.claimReceived.schema);
  fleet.registry.register(topics.interchangeRejected.schema);
  folder = await mkdtemp(join(tmpdir(), 'vigil-test-'));
  told = [];
});

async function fileWith(name: string, content: string | Buffer): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}
const stdinOf = (content: string | Buffer): Readable => Readable.from([Buffer.from(content as string)]);
const send = (
  request: Parameters<typeof sendClaims>[1],
  stdin: Readable = Readable.from([]),
  client: KafkaClient = fleet.client,
): Promise<SendClaimsReport> =>
  sendClaims(client, request, { stdin, registry: fleet.registry, clock, heldBytes: 100_000, onBad: (bad) => told.push(bad) });

async function recordsOf({ name }: Topic): Promise<{ readonly record: FetchedRecord; readonly partition: number }[]> {
  const records: { record: FetchedRecord; partition: number }[] = [];
  const places = [0, 1].map((partition) => ({ topic: name, partition }));
  await readWhole({ client: fleet.client, places, pollMs: 100, onRecord: ({ partition }, record) => records.push({ record, partition }) });
  return records;
}
async function decoded<Value>(topic: Topic): Promise<Value[]> {
  const read = compileReader<Value>(topic.schema, topic.schema);
  return (await recordsOf(topic)).map(({ record }) => read(record.value as Buffer, 5));
}

test('JSON leaves byte for byte under its claim id, with the batch it came in', async () => {
  const text = aClaim('CLM_1').replace('"units"', ' "units"');
  const report = await send({ path: await fileWith('claims_1.json', `[${text}]`), batchId: 'b-1' });

  expect(report).toMatchObject({ sent: 1, rejected: 0, files: 1, outcomes: { clean: 1, withProblems: 0, unreadable: 0 }, badCount: 0 });
  const [{ record, partition } = { record: null, partition: -1 }] = await recordsOf(topics.claimReceived);
  expect([record?.key?.toString(), record?.value?.toString()]).toEqual(['CLM_1', text]);
  expect(partition).toBe(partitionOf(Buffer.from('CLM_1'), 2));
  expect(record?.headers()).toEqual([['vigil-batch-id', Buffer.from('b-1')]]);
});

test('claims of an interchange leave with their envelope and place', async () => {
  const report = await send({ path: await fileWith('a.837', interchange()) });

  expect(report).toMatchObject({ sent: 2, rejected: 0, acknowledgements: [] });
  const claims = await decoded<ClaimReceived>(topics.claimReceived);
  expect(new Set(claims.map(({ format, source, ordinal }) => `${format} ${source} ${ordinal}`))).toEqual(
    new Set(['x12-837p a.837 0', 'x12-837p a.837 1']),
  );
});

test('an interchange larger than memory takes is read again from its file, or from a copy of a pipe', async () => {
  // 500 claims are 300 kB, three times what may be kept in memory here.
  const bytes = interchange(500);
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('vigil-claims-'));
  expect(await send({ path: await fileWith('large.837', bytes) })).toMatchObject({ sent: 500, rejected: 0 });
  const chunks = Readable.from([bytes.subarray(0, 150_000), bytes.subarray(150_000)]);
  expect(await send({ path: '-' }, chunks)).toMatchObject({ sent: 500, rejected: 0 });
  expect(await send({ path: await fileWith('large.837.gz', gzipSync(bytes)) })).toMatchObject({ sent: 500, rejected: 0 });
  // Nothing of the copies stays.
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('vigil-claims-'))).toEqual(before);
});

test('a bad claim is told in one line with its place, its field and the reason', async () => {
  const lines = [aClaim('CLM_1'), aClaim('CLM_2', { total_amount: '150' }), 'nonsense', aClaim('CLM_4', { patient_id: undefined }), aClaim('CLM_5', { services: [{ procedure_code: 'A', amount: 150, units: 0 }] })]; // prettier-ignore
  const report = await send({ path: await fileWith('claims_2.json', lines.join('\n')) });

  expect(report).toMatchObject({ sent: 5, rejected: 0, outcomes: { clean: 1, withProblems: 3, unreadable: 1 }, badCount: 4 });
  expect(told.map(lineOfBad)).toEqual([
    'claims_2.json line 2 total_amount: sent with a problem: BAD_AMOUNT: SNIP level 2',
    'claims_2.json line 3: sent, cannot be read: NOT_JSON: The value is not JSON.',
    'claims_2.json line 4 patient_id: sent with a problem: REQUIRED_FIELD: breaks a rule of the workflow',
    'claims_2.json line 5 units of service line 1: sent with a problem: BAD_UNITS: SNIP level 2',
  ]);
  expect(report.bad).toEqual(told);
});

test('what is rejected is published with its bytes, told with segment and element, and acknowledged beside the file', async () => {
  const bad = Buffer.from(interchange().toString().replace('*11:B:1*', '*11>B>1*'));
  const report = await send({ path: await fileWith('b.837', bad) });

  expect(report).toMatchObject({
    sent: 1,
    rejected: 1,
    rejections: 1,
    badCount: 1,
    acknowledgements: [join(folder, 'b.837.000000001.999.ack')],
  });
  expect(told.map(lineOfBad)).toEqual([expect.stringMatching(/^b\.837 segment \d+ CLM05-1: rejected: 999-IK4-5: too long$/)]);
  expect(readFileSync(join(folder, 'b.837.000000001.999.ack'), 'utf8')).toContain('IK5*E*5~');
  const [rejected] = await decoded<InterchangeRejected>(topics.interchangeRejected);
  expect(rejected).toMatchObject({ scope: 'claim', claims: 1, source: 'b.837', rejectedAt: nowMs });
  expect(rejected?.content.toString()).toContain('11>B>1');
});

test('acknowledgements go where they are asked for, numbered where one interchange has several', async () => {
  const out = join(folder, 'out');
  await mkdir(out);
  const torn = interchange(2, 5)
    .toString()
    .replace(/IEA.*\n/, '');
  const report = await send({ path: '-', ackDir: out }, stdinOf(torn + torn));
  expect(report).toMatchObject({ sent: 0, rejected: 4 });
  expect(readdirSync(out).sort()).toEqual(['standard_input.000000005.TA1.2.ack', 'standard_input.000000005.TA1.ack']);
});

test('without a place for acknowledgements the claims are sent all the same', async () => {
  expect(await send({ path: '-' }, stdinOf(interchange(2, 5).subarray(0, -30)))).toMatchObject({ rejected: 2, acknowledgements: [] });
  const report = await send({ path: '-', ackDir: join(folder, 'missing') }, stdinOf(interchange(2, 5).subarray(0, -30)));
  expect(report.acknowledgements).toEqual([]);
  expect(told.map(({ code }) => code)).toContain('DISK_UNWRITABLE');
});

test('of a directory with one unreadable file the others go on, and it is told', async () => {
  await fileWith('a.json', aClaim('A'));
  await mkdir(join(folder, 'sub'));
  await writeFile(join(folder, 'sub', 'c.json'), aClaim('C'));
  await symlink(join(folder, 'nowhere'), join(folder, 'b.json'));
  await fileWith('.hidden', aClaim('H'));
  await fileWith('old.ack', 'ISA*');
  const report = await send({ path: folder });

  expect(report).toMatchObject({ sent: 2, rejected: 0, files: 3, unreadableFiles: 1, badCount: 1 });
  expect(told.map(lineOfBad)).toEqual(['b.json: rejected: UNREADABLE_FILE: the file cannot be read']);
  expect(new Set((await recordsOf(topics.claimReceived)).map(({ record }) => record.key?.toString()))).toEqual(new Set(['A', 'C']));
});

test('a directory that cannot be listed is told as a file that cannot be read', async () => {
  await mkdir(join(folder, 'closed'));
  await chmod(join(folder, 'closed'), 0o000);
  await fileWith('z.json', aClaim('Z'));
  const report = await send({ path: folder });
  // A superuser reads it all the same, and finds nothing in it.
  expect(report).toMatchObject({ sent: 1, unreadableFiles: process.getuid?.() === 0 ? 0 : 1 });
  await chmod(join(folder, 'closed'), 0o700);
});

test('formats that are none are told by file', async () => {
  const report = await send({ path: await fileWith('notes.txt', 'dear all') });
  expect(report).toMatchObject({ sent: 0, rejected: 0, rejections: 1 });
  expect(told.map(lineOfBad)).toEqual(['notes.txt line 1: rejected: UNKNOWN_FORMAT: neither JSON, X12 nor RIF']);
});

test('a paced sender keeps its pace', async () => {
  const lines = Array.from({ length: 12 }, (_, index) => aClaim(`C${index}`)).join('\n');
  const started = Date.now();
  // 12 claims at 100 a second, five at a time: the last request is due 100 ms after the first.
  const report = await sendClaims(fleet.client, { path: '-', rate: 100 }, { stdin: stdinOf(lines), registry: fleet.registry });
  expect(report).toMatchObject({ sent: 12 });
  expect(Date.now() - started).toBeGreaterThanOrEqual(90);
});

test('a path that leads nowhere, and a fleet without its topics, are refused before anything is sent', async () => {
  await expect(send({ path: join(folder, 'nowhere') })).rejects.toMatchObject({ code: 'BAD_USAGE' });
  fleet = createMemoryFleet({ without: [topics.interchangeRejected.name] });
  await expect(send({ path: await fileWith('a.json', aClaim('A')) })).rejects.toMatchObject({ code: 'TOPIC_MISSING' });
  const registry = { ...fleet.registry, idOf: () => Promise.reject(new VigilError('SCHEMA_NOT_REGISTERED')) };
  fleet = { ...createMemoryFleet(), registry };
  await expect(send({ path: await fileWith('a.json', aClaim('A')) })).rejects.toMatchObject({ code: 'SCHEMA_NOT_REGISTERED' });
});

test('what stops the sender is told with what had been acknowledged', async () => {
  const failing = new Proxy(fleet.client, {
    get: (client, name: keyof KafkaClient) =>
      name === 'openIdempotentProducer'
        ? async () => ({ send: () => Promise.reject(new VigilError('KAFKA_AWAY')), close: async () => {} })
        : client[name],
  });
  const report = await send({ path: await fileWith('a.json', aClaim('A')) }, undefined, failing);
  expect(report).toMatchObject({ sent: 0, error: { code: 'KAFKA_AWAY' } });
  expect(existsSync(join(folder, 'a.json'))).toBe(true);
});
