import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { topics, type MemberChanged, type PlanChanged } from '@vigil/contracts';
import { tokenOf } from '@vigil/core';
import { readDirectory, tableNames } from './read-directory.ts';
import { problemText, referenceError } from './reference-problem.ts';

const shipped = fileURLToPath(new URL('../../../../infra/reference', import.meta.url));
const key = { id: 't1', secret: Buffer.alloc(32, 1) };
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vigil-reference-'));
});
afterEach(() => rm(directory, { recursive: true }));

const write = (file: string, ...lines: readonly string[]) => writeFile(join(directory, file), `${lines.join('\n')}\n`);
const problems = async (): Promise<string[]> => (await readDirectory(directory, key)).problems.map(problemText);
const header = async (table: string): Promise<string> => (await readFile(join(shipped, `${table}.csv`), 'utf8')).split('\n')[0] as string;

test('the shipped directory reads without a problem, each row once, and members come last', async () => {
  const { records, problems: found } = await readDirectory(shipped, key);
  const lines = async (table: string) => (await readFile(join(shipped, `${table}.csv`), 'utf8')).trimEnd().split('\n').length - 1;

  expect(found).toEqual([]);
  const rows = await Promise.all(['codes', 'edits', 'fee-schedules', 'providers', 'plans', 'members'].map(lines));
  expect(records).toHaveLength(rows.reduce((sum, count) => sum + count, 0));
  expect(records.at(-1)?.topic).toBe(topics.memberChanged);
  expect(new Set(records.map(({ topic, key: own }) => `${topic.name} ${own}`)).size).toBe(records.length);
});

test('a member leaves as tokens, under its policy, with what covers it', async () => {
  const { records } = await readDirectory(shipped, key);
  const policyToken = tokenOf(key, 'policy', 'POL_123456');
  const memberToken = tokenOf(key, 'member', 'POL_123456\0PAT_12345');
  const found = records.find((record) => record.key === `${policyToken}|${memberToken}|1`);

  expect(found).toMatchObject({ partitionKey: policyToken, version: 1 });
  expect(found?.value as MemberChanged).toEqual({
    policyToken,
    memberToken,
    version: 1,
    patientToken: tokenOf(key, 'patient', 'PAT_12345'),
    subscriberToken: memberToken,
    relationship: 'self',
    nameToken: tokenOf(key, 'name', 'SAMPLE|ALEX'),
    birthDate: Date.UTC(1980, 4, 17) / 86_400_000,
    deathDate: null,
    sex: 'female',
    coverage: [{ from: Date.UTC(2023, 0, 1) / 86_400_000, to: null, planId: 'PPO', groupNumber: 'GRP_789' }],
    otherPayers: [],
    authorizations: [
      {
        from: Date.UTC(2024, 0, 1) / 86_400_000,
        to: Date.UTC(2024, 11, 31) / 86_400_000,
        number: 'AUTH-70450',
        procedureCode: '70450',
        unitsThousandths: 2000,
      },
      { from: Date.UTC(2024, 0, 1) / 86_400_000, to: null, number: 'AUTH-E1390', procedureCode: 'E1390', unitsThousandths: 12_000 },
    ],
  });
  const written = JSON.stringify(records.filter(({ topic }) => topic === topics.memberChanged));
  for (const secret of ['POL_', 'PAT_', 'Sample', 'Alex']) expect(written).not.toContain(secret);
});

test('a plan has its benefits in the order of their file, money in cents, coinsurance in hundredths of a percent', async () => {
  const plan = (await readDirectory(shipped, key)).records.find((record) => record.key === 'PPO|2020-01-01|1')?.value as PlanChanged;

  expect(plan).toMatchObject({ deductibleInCents: 50_000, familyOutOfPocketInCents: 400_000, payerAliases: ['VH001', '60054'] });
  expect(plan.benefits.slice(0, 3)).toMatchObject([
    { service: '99080', covered: false },
    { service: '36415' },
    { service: 'office-visit', copayInCents: 2000, coinsuranceOutBps: 4000 },
  ]);
  const medicare = (await readDirectory(shipped, key)).records.find((record) => record.key === 'MEDB|2020-01-01|1')?.value as PlanChanged;
  expect(medicare).toMatchObject({ familyDeductibleInCents: null, outOfPocketInCents: null, settings: { 'cob.method': 'carve-out' } });
});

test('each bad cell is told with file, line and column, and never with what it says', async () => {
  await write(
    'members.csv',
    await header('members'),
    'POL_1,PAT_1,one,PAT_1,self,Roe,Jane,1980-02-30,,female',
    'POL_2,,1,PAT_2,cousin,Roe,Jane,,,female',
  );
  await write('providers.csv', await header('providers'), 'P,1,2020-01-01,2019-12-31,local,physician,,,yes', 'P,1,2021-01-01');

  const told = await problems();
  expect(told).toEqual([
    'providers.csv:3: 3 cells instead of 9',
    'members.csv:2 version: no version: a whole number from 1',
    'members.csv:2 birth_date: no calendar date YYYY-MM-DD',
    'members.csv:3 patient_id: missing',
    'members.csv:3 relationship: none of self, spouse, child, other',
    'providers.csv:2 effective_to: before its beginning',
  ]);
  expect(told.join()).not.toMatch(/Roe|Jane|POL_/);
});

test('a setting that plans do not have is told', async () => {
  const plan = (settings: string) => `PPO,1,2020-01-01,,P,,IN,OUT,1,0,0,,,,,,,0,${settings}`;
  await write('plans.csv', await header('plans'), plan('mue=deny group.45=PR'), plan('mue=forgive rouding=down').replace('PPO', 'HMO'));

  expect(await problems()).toEqual([
    'plans.csv:3 settings: mue=forgive is no setting of a plan',
    'plans.csv:3 settings: rouding=down is no setting of a plan',
  ]);
});

test('a plan that takes claims for longer than limits are counted is told', async () => {
  const plan = (name: string, days: number) => `${name},1,2020-01-01,,P,,IN,OUT,1,0,0,,,,,,,${days},`;
  await write('plans.csv', await header('plans'), plan('PPO', 731), plan('HMO', 732));

  expect(await problems()).toEqual(['plans.csv:3 timely_filing_days: above 731: limits are not counted for so long']);
});

test('rows that belong to nobody are told', async () => {
  await write('members.csv', await header('members'), 'POL_1,PAT_1,1,PAT_1,self,,,,,unknown');
  await write('coverage.csv', await header('coverage'), 'POL_1,PAT_1,2,2024-01-01,,PPO,', 'POL_1,PAT_1,1,2024-01-01,2023-01-01,PPO,');
  await write('benefits.csv', await header('benefits'), 'PPO,1,2020-01-01,*,yes,no,0,0,0,0,no,,,');

  expect(await problems()).toEqual([
    'benefits.csv:2 plan_id: no such plan with that version and beginning in plans.csv',
    'coverage.csv:2 patient_id: no such member with that policy and version in members.csv',
    'coverage.csv:3 to: before its beginning',
  ]);
});

test.each<[string, string, string | Buffer, string]>([
  [
    'another header',
    'codes.csv',
    'system,code\n',
    'codes.csv:1: the header must be system,code,version,effective_from,effective_to,description',
  ],
  ['an empty file', 'codes.csv', '', 'codes.csv:1: the header must be system,code,version,effective_from,effective_to,description'],
  ['a quote that is not closed', 'codes.csv', 'a,b\n"x\n', 'codes.csv:2: no CSV (quote not closed)'],
  ['bytes that are no UTF-8', 'codes.csv', Buffer.from([0x61, 0xff]), 'codes.csv:1: no UTF-8 text'],
  ['a table that there is not', 'membres.csv', '', `membres.csv:1: no table of that name; there are ${tableNames.join(', ')}`],
])('%s is told', async (_what, file, content, expected) => {
  await writeFile(join(directory, file), content);

  expect((await problems()).join('\n')).toContain(expected);
});

test('a table may come in parts, with a byte-order mark and carriage returns', async () => {
  const names = await header('codes');
  await writeFile(join(directory, 'codes.icd.csv'), `\uFEFF${names}\r\nicd-10-cm,I10,1,2015-10-01,,"Essential, ""primary"""\r\n`);
  await write('codes.hcpcs.csv', names, 'hcpcs,J1885,1,2020-01-01,,');
  const { records, problems: found } = await readDirectory(directory, key);

  expect(found).toEqual([]);
  expect(records.map((record) => record.key)).toEqual(['hcpcs|J1885|2020-01-01|1', 'icd-10-cm|I10|2015-10-01|1']);
  expect(records[1]?.value).toMatchObject({ description: 'Essential, "primary"' });
});

test('a directory without a table, or that is none, is refused', async () => {
  await expect(readDirectory(directory, key)).rejects.toMatchObject({ code: 'BAD_USAGE' });
  await expect(readDirectory(join(directory, 'none'), key)).rejects.toMatchObject({ code: 'BAD_USAGE' });
  await cp(shipped, join(directory, 'codes.csv'), { recursive: true });
  await expect(readDirectory(directory, key)).rejects.toMatchObject({ code: 'BAD_USAGE' });
});

test('of very many problems the first hundred are told', () => {
  const many = Array.from({ length: 103 }, (_, at) => ({ file: 'f', line: at + 1, column: 'c', reason: 'r' }));

  expect(referenceError(many).message).toContain('… and 3 more');
  expect(referenceError(many.slice(0, 2)).message).not.toContain('more');
});
