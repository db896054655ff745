import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { checkExplanation, checkRemittance, readRemittance, type ExplanationOfBenefit } from '@vigil/claim-formats';
import { compileReader, retryTopicOf, topics, wireHeaderBytes, type AccessRecorded, type ClaimAdjudicated } from '@vigil/contracts';
import { seal, sealContext } from '@vigil/core';
import { createPool } from '@vigil/postgres';
import { loadKeys } from '@vigil/runtime';
import { startStack, stackEnv } from '@vigil/stack';
import { aDecidedLine, aDecision, aDecisionOf, aReversalOf, createTestDatabase, decidedClaims, type TestDatabase } from '@vigil/testing';
import { storeDecisions } from '../../test-support/store-decisions.ts';
import { withKafka } from '../connect/with-kafka.ts';
import { identifyQueue, walkQueue } from '../dlq/walk-queue.ts';
import { runCli } from '../run-cli.ts';

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
  const { stdout, stderr, code } = await vigil(...args, '--json');
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Value;
}

interface Summary {
  readonly remittances: readonly {
    payerId: string;
    traceNumber: string;
    payee: string;
    claims: number;
    paidCents: number;
    forwardedCents: number;
  }[];
  readonly files: readonly string[];
  readonly balanced: boolean;
  readonly held: readonly { decisionId: string; payerId: string; payee: string; rule: string }[];
}

let database: TestDatabase;
const before = process.env['VIGIL_DATABASE_URL'];

beforeAll(async () => {
  database = await createTestDatabase('vigil');
  process.env['VIGIL_DATABASE_URL'] = database.url;
  // Every access is recorded before it happens.
  await startStack();
  await vigil('topics', 'apply');
  await vigil('schemas', 'register');
}, 120_000);
beforeEach(() =>
  database.pool.query(
    `TRUNCATE claims.decision, claims.decision_line, claims.decision_adjustment, claims.remittance, claims.remittance_cycle, claims.remittance_held,
     clinical.patient_identity, engine.sink_offset RESTART IDENTITY`,
  ),
);
afterAll(async () => {
  if (before === undefined) delete process.env['VIGIL_DATABASE_URL'];
  else process.env['VIGIL_DATABASE_URL'] = before;
  await database?.drop();
});

const export835 = (cycle: string, ...more: readonly string[]) => vigil('claims', 'export', '--format', '835', '--cycle', cycle, ...more);
const summaryOf = (cycle: string) => json<Summary>('claims', 'export', '--format', '835', '--cycle', cycle);

interface Entry {
  readonly claimId: string;
  readonly outcome: string;
  readonly decisionId: string;
  readonly reversedBy: string | null;
  readonly reversedClaimId: string | null;
  readonly chargeCents: number;
  readonly paidCents: number;
  readonly lines: readonly { paidCents: number }[];
  readonly pendReasons: readonly object[];
}
const entries = async (...flags: string[]) =>
  (await json<{ claims: readonly Entry[] }>('claims', 'export', '--format', 'json', ...flags)).claims;

/** A claim that is replaced, its replacement voided; one that waits and is decided; one that waits and is replaced; one that stands. */
function chain() {
  const first = aDecision();
  const at = (hours: number) => ({ decidedAt: first.decidedAt + hours * 3_600_000 });
  const pended = aDecision({ decisionId: 'd2', submissionId: 's2', claimId: 'CLM_2', outcome: 'pended', paidCents: 0, pendReasons: [{ code: 'AMOUNT_RANGE', field: 'total_amount', line: 0 }] }); // prettier-ignore
  const decided = aDecisionOf(first.lines, {
    ...pended,
    decisionId: 'd3',
    number: 2,
    outcome: 'paid',
    paidCents: 6_400,
    pendReasons: [],
    ...at(1),
  });
  const reversal = aReversalOf(first, 's4', { decisionId: 'r4', submittedClaimId: 'CLM_4', ...at(2) });
  const correction = aDecision({ decisionId: 'd5', submissionId: 's4', claimId: 'CLM_4', frequency: 'replacement', ...at(2) });
  const voiding = aReversalOf(correction, 's6', { decisionId: 'r6', submittedClaimId: 'CLM_6', frequency: 'void', ...at(3) });
  const waiting = { ...pended, decisionId: 'd7', submissionId: 's7', claimId: 'CLM_7', submittedClaimId: 'CLM_7', ...at(4) };
  const withdrawn = aReversalOf(waiting, 's8', { decisionId: 'r8', submittedClaimId: 'CLM_8', pendReasons: [], ...at(5) });
  const instead = aDecision({ decisionId: 'd9', submissionId: 's8', claimId: 'CLM_8', frequency: 'replacement', ...at(5) });
  return [first, pended, decided, reversal, correction, voiding, waiting, withdrawn, instead];
}

test('JSON has one entry per submission, as it stands: what was taken back is reversed, and names what did so', async () => {
  await storeDecisions(database.pool, chain());

  const claims = await entries();
  expect(claims.map(({ claimId, outcome, reversedBy, paidCents }) => [claimId, outcome, reversedBy, paidCents])).toEqual([
    ['CLM_1', 'reversed', 'r4', 0],
    ['CLM_2', 'paid', null, 6_400],
    ['CLM_4', 'reversed', 'r6', 0],
    ['CLM_6', 'reversed', null, 0],
    ['CLM_7', 'reversed', 'r8', 0],
    ['CLM_8', 'paid', null, 6_400],
  ]);
  expect(claims[1]?.decisionId).toBe('d3');
  expect(claims[1]?.lines).toMatchObject([
    { line: 1, chargeCents: 15_000, allowedCents: 10_000, paidCents: 6_400, adjustments: [{ group: 'CO', carc: '45', cents: 5_000 }, {}, {}], rarc: [] }, // prettier-ignore
  ]);
  expect(claims[0]).toMatchObject({ chargeCents: 0, lines: [{ line: 1, procedureCode: '99213', paidCents: 0, adjustments: [] }] });
  expect(claims[3]).toMatchObject({ reversedClaimId: 'CLM_4' });
  expect(claims[4]).toMatchObject({ pendReasons: [], chargeCents: 0 });
  // Without --json the document is the same.
  expect(JSON.parse((await vigil('claims', 'export')).stdout)).toEqual({ claims });
});

test('sums over the entries are what was really paid, in JSON, in FHIR and in the 835', async () => {
  await storeDecisions(database.pool, chain());
  // Paid 64.00 four times, taken back twice.
  const claims = await entries();
  expect(claims.reduce((sum, { paidCents }) => sum + paidCents, 0)).toBe(12_800);
  expect(claims.flatMap(({ lines }) => lines).reduce((sum, { paidCents }) => sum + paidCents, 0)).toBe(12_800);
  expect((await summaryOf('c1')).remittances).toMatchObject([{ paidCents: 12_800 }]);

  const { entry } = await json<{ entry: { resource: ExplanationOfBenefit }[] }>('claims', 'export', '--format', 'fhir');
  expect(entry.map(({ resource }) => [resource.status, (resource['payment'] as { amount: { value: number } }).amount.value])).toEqual([
    ['cancelled', 0],
    ['active', 64],
    ['cancelled', 0],
    ['cancelled', 0],
    ['cancelled', 0],
    ['active', 64],
  ]);
  expect(entry[0]!.resource['related']).toMatchObject([{ claim: { identifier: { value: 'r4' } } }]);
});

test('JSON is filtered by time, payer, claim and batch', async () => {
  const decided = aDecision().decidedAt;
  const at = (number: number, changed: Partial<ClaimAdjudicated>) =>
    aDecision({
      decisionId: `d${number}`,
      submissionId: `s${number}`,
      claimId: `CLM_${number}`,
      decidedAt: decided + number * 1000,
      ...changed,
    });
  await storeDecisions(database.pool, [at(1, {}), at(2, { payerId: 'PAYER_B' })]);
  await storeDecisions(database.pool, [at(3, {})], { from: 2, batchId: 'batch-7' });
  const idsOf = async (...flags: string[]) =>
    (await json<{ claims: { claimId: string }[] }>('claims', 'export', '--format', 'json', ...flags)).claims.map(({ claimId }) => claimId);
  const iso = (ms: number): string => new Date(ms).toISOString();

  expect(await idsOf('--payer', 'PAYER_B')).toEqual(['CLM_2']);
  expect(await idsOf('--claim', 'CLM_3')).toEqual(['CLM_3']);
  expect(await idsOf('--batch', 'batch-7')).toEqual(['CLM_3']);
  expect(await idsOf('--since', iso(decided + 2000))).toEqual(['CLM_2', 'CLM_3']);
  expect(await idsOf('--until', iso(decided + 2000))).toEqual(['CLM_1']);
  expect(await idsOf('--since', iso(decided + 2000), '--until', iso(decided + 3000))).toEqual(['CLM_2']);
});

test('a cycle is an interchange per payer that reads back balanced, and exporting it twice gives the same file', async () => {
  const decisions = decidedClaims(31, 60);
  await storeDecisions(database.pool, decisions);
  const first = await export835('one');

  const { files, problems } = readRemittance(first.stdout);
  expect(problems).toEqual([]);
  expect(files.map(({ payerId }) => payerId)).toEqual(['PAYER_A', 'PAYER_B']);
  const remittances = files.flatMap((file) => file.remittances);
  for (const remittance of remittances) expect(checkRemittance(remittance)).toEqual([]);
  expect(remittances.flatMap(({ claims }) => claims)).toHaveLength(decisions.filter(({ outcome }) => outcome !== 'pended').length);

  await storeDecisions(database.pool, decidedClaims(32, 10), { from: decisions.length });
  expect((await export835('one')).stdout).toBe(first.stdout);
});

test('no decision is paid twice or forgotten, however decisions are cut into cycles and partitions', async () => {
  const decisions = decidedClaims(33, 90);
  const payable = decisions.filter(({ outcome }) => outcome !== 'pended');
  const seen: string[] = [];
  let stored = 0;
  for (const [index, end] of [20, 20, 45, decisions.length].entries()) {
    for (const partition of [0, 1]) {
      const part = decisions.slice(stored, end).filter((_, place) => place % 2 === partition);
      const { rows } = await database.pool.query<{ n: number }>('SELECT count(*)::int AS n FROM claims.decision WHERE src_partition = $1', [
        partition,
      ]);
      await storeDecisions(database.pool, part, { partition, from: rows[0]!.n });
    }
    stored = end;
    const { stdout } = await export835(`cycle-${index}`);
    if (stdout.startsWith('ISA'))
      seen.push(
        ...[...stdout.matchAll(/^CLP\*([^*]*)\*(\d+)\*.*?ZZ\*([^*]*)/gm)].map(
          ([, claim, status, control]) => `${claim} ${status} ${control}`,
        ),
      );
    else expect(stdout).toBe('cycle cycle-1 holds no payment\n');
  }
  const expected = payable.map(({ claimId, kind, outcome, decisionId, reverses }) => {
    const denied = outcome === 'denied' ? '4' : '1';
    return kind === 'reversal' ? `${claimId} 22 ${reverses}` : `${claimId} ${denied} ${decisionId}`;
  });
  expect(seen.sort()).toEqual(expected.sort());
});

test('what a payee owes after a cycle is taken from the next one, and the table says the same as the file', async () => {
  const paid = aDecision();
  await storeDecisions(database.pool, [paid]);
  expect((await summaryOf('c1')).remittances).toMatchObject([
    { traceNumber: '000001000001', payee: '1234567893', paidCents: 6_400, forwardedCents: 0 },
  ]);
  await storeDecisions(database.pool, [aReversalOf(paid, 's2')], { from: 1 });
  expect((await summaryOf('c2')).remittances).toMatchObject([{ traceNumber: '000002000001', paidCents: 0, forwardedCents: 6_400 }]);
  // Another payee in between does not touch what is owed.
  await storeDecisions(database.pool, [aDecision({ decisionId: 'd3', submissionId: 's3', providerId: '1993999998' })], { from: 2 });
  expect((await summaryOf('c3')).remittances).toMatchObject([{ payee: '1993999998', paidCents: 6_400 }]);
  await storeDecisions(
    database.pool,
    [aDecisionOf([aDecidedLine(), aDecidedLine({ line: 2 })], { decisionId: 'd4', submissionId: 's4' })],
    { from: 3 },
  );
  // 128.00 − 64.00
  expect((await summaryOf('c4')).remittances).toMatchObject([{ payee: '1234567893', paidCents: 6_400, forwardedCents: 0 }]);
  expect((await export835('c4')).stdout).toMatch(/PLB\*1234567893\*\d{4}1231\*FB:000002000001\*64\.00/);
  expect(
    (await database.pool.query('SELECT cycle_id, paid_cents, owed_before_cents, owed_cents FROM claims.remittance ORDER BY trace_number'))
      .rows,
  ).toEqual([
    { cycle_id: 1, paid_cents: 6_400, owed_before_cents: 0, owed_cents: 0 },
    { cycle_id: 2, paid_cents: 0, owed_before_cents: 0, owed_cents: 6_400 },
    { cycle_id: 3, paid_cents: 6_400, owed_before_cents: 0, owed_cents: 0 },
    { cycle_id: 4, paid_cents: 6_400, owed_before_cents: 6_400, owed_cents: 0 },
  ]);
});

test('pended claims, the reversal of one, and a decision that stands in the topic twice are not paid', async () => {
  const pended = aDecision({ decisionId: 'd1', submissionId: 's1', outcome: 'pended' });
  const paid = aDecision({ decisionId: 'd2', submissionId: 's2' });
  await storeDecisions(database.pool, [pended, aReversalOf(pended, 's3'), paid, paid]);
  await storeDecisions(database.pool, [paid], { topic: retryTopicOf(topics.claimAdjudicated.name, 'warehouse-loader.operational') });
  expect((await summaryOf('c1')).remittances).toMatchObject([{ claims: 1, paidCents: 6_400 }]);
});

test('a cycle whose decisions are not those it was closed with is refused: a replay of the store is under way', async () => {
  await storeDecisions(database.pool, decidedClaims(34, 20));
  await export835('c1');
  const refused = async (cycle: string) => {
    const { code, stdout, stderr } = await export835(cycle);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('REMITTANCE_CHANGED');
  };

  await database.pool.query('UPDATE claims.decision SET paid_cents = paid_cents + 1, charge_cents = charge_cents + 1 WHERE src_offset = 0');
  await refused('c1');
  await database.pool.query('UPDATE claims.decision SET provider_id = $1 WHERE src_offset = 0', ['another']);
  await refused('c1');
  await database.pool.query('DELETE FROM claims.decision');
  await refused('c1');
  await database.pool.query('UPDATE engine.sink_offset SET next_offset = 5');
  await refused('c2');
});

test('a decision that is wrong is held back and told; every other claim is paid, of its payee and of others', async () => {
  const wrong = aDecision({ decisionId: 'd2', submissionId: 's2', lines: [aDecidedLine({ paidCents: 6_401 })] });
  const beside = aDecision({ decisionId: 'd3', submissionId: 's3' });
  const another = aDecision({ decisionId: 'd4', submissionId: 's4', providerId: '1993999998', payerId: 'PAYER_B' });
  await storeDecisions(database.pool, [wrong, beside, another]);
  const held = [{ decisionId: 'd2', payerId: 'PAYER_A', payee: 'npi:1234567893', rule: 'claim' }];

  for (const { code, stdout, stderr } of [await export835('c1'), await export835('c1')]) {
    expect(code).toBe(1);
    expect(stderr).toContain('held back: decision d2, payer PAYER_A, payee npi:1234567893: claim');
    expect(readRemittance(stdout).files.flatMap(({ remittances }) => remittances.map(({ paidCents }) => paidCents))).toEqual([6_400, 6_400]);
  }
  const { code, stdout } = await vigil('claims', 'export', '--format', '835', '--cycle', 'c1', '--json');
  expect({ code, ...(JSON.parse(stdout) as Summary) }).toMatchObject({ code: 1, balanced: false, held });
  // Whose payment is complete is told so.
  expect(await vigil('claims', 'export', '--format', '835', '--cycle', 'c1', '--payer', 'PAYER_B', '--json')).toMatchObject({ code: 0 });
}); // prettier-ignore

test('what is held back is paid by the first cycle that finds it right, and goes with the rest of its claim', async () => {
  const wrong = aDecision({ decisionId: 'd1', submissionId: 's1', lines: [aDecidedLine({ paidCents: 6_401 })] });
  await storeDecisions(database.pool, [wrong]);
  expect(await export835('c1')).toMatchObject({ code: 1, stdout: 'cycle c1 holds no payment\n' });
  const correction = aDecision({ decisionId: 'd2', submissionId: 's2', frequency: 'replacement' });
  await storeDecisions(database.pool, [aReversalOf(aDecision(), 's2', { decisionId: 'r2', reverses: 'd1' }), correction], { from: 1 });
  const second = await vigil('claims', 'export', '--format', '835', '--cycle', 'c2', '--json');
  expect((JSON.parse(second.stdout) as Summary).held.map(({ decisionId, rule }) => [decisionId, rule])).toEqual([
    ['d1', 'claim'],
    ['r2', 'same-claim'],
    ['d2', 'same-claim'],
  ]);

  await database.pool.query("UPDATE claims.decision_line SET paid_cents = 6400 WHERE decision_id = 'd1'");
  expect(await summaryOf('c3')).toMatchObject({ balanced: true, held: [], remittances: [{ claims: 3, paidCents: 6_400 }] });
  expect((await summaryOf('c4')).remittances).toEqual([]);
  // An earlier cycle stays what it was.
  expect(await export835('c1')).toMatchObject({ code: 1, stdout: 'cycle c1 holds no payment\n' });
});

test('while the store does not have what was held back no cycle is closed', async () => {
  await storeDecisions(database.pool, [aDecision({ lines: [aDecidedLine({ paidCents: 6_401 })] })]);
  await export835('c1');
  await database.pool.query('DELETE FROM claims.decision');
  expect(await export835('c2')).toMatchObject({ code: 2, stderr: expect.stringContaining('REMITTANCE_CHANGED') });
});

test('a reversal with the sign of what it takes back is held back; one of an earlier negative charge is not', async () => {
  const charged = (cents: number, changed: Partial<ClaimAdjudicated>) =>
    aDecisionOf([aDecidedLine({ chargeCents: cents, allowedCents: 0, paidCents: 0, patientCents: 0, denied: true, adjustments: [{ group: 'CO', carc: '16', cents }] })], { outcome: 'denied', ...changed }); // prettier-ignore
  const negative = charged(-15_000, { decisionId: 'd1', submissionId: 's1' });
  const paid = aDecision({ decisionId: 'd2', submissionId: 's2' });
  await storeDecisions(database.pool, [negative, paid]);
  expect(await summaryOf('c1')).toMatchObject({ held: [] });
  const again = { ...aReversalOf(paid, 's4', { decisionId: 'r4' }), chargeCents: 15_000, paidCents: 6_400, lines: paid.lines };
  await storeDecisions(database.pool, [aReversalOf(negative, 's3', { decisionId: 'r3' }), again], { from: 2 });
  const { stdout } = await vigil('claims', 'export', '--format', '835', '--cycle', 'c2', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ held: [{ decisionId: 'r4', rule: 'reversal-sign' }], remittances: [{ claims: 1, paidCents: 0 }] });
}); // prettier-ignore

test('a void of nothing is not in the 835', async () => {
  const nothing = aDecision({ decisionId: 'r1', submissionId: 's1', kind: 'reversal', outcome: 'reversed', frequency: 'void' });
  await storeDecisions(database.pool, [nothing, aDecision({ decisionId: 'd2', submissionId: 's2' })]);
  expect(await summaryOf('c1')).toMatchObject({ held: [], remittances: [{ claims: 1, paidCents: 6_400 }] });
  expect((await entries()).map(({ outcome, paidCents }) => [outcome, paidCents])).toEqual([
    ['reversed', 0],
    ['paid', 6_400],
  ]);
});

/** Accesses on record, newest last, of everybody. */
async function accesses() {
  const decode = compileReader(topics.accessRecorded.schema);
  const found: AccessRecorded[] = [];
  await withKafka(async (client) =>
    walkQueue(client, await identifyQueue(client, topics.accessRecorded.name), (_partition, records) => {
      for (const { value } of records) found.push(decode(value as Buffer, wireHeaderBytes) as AccessRecorded);
    }),
  );
  return found.filter(({ type }) => type === 'claims');
}

test('every export and every look at a claim is recorded before it: who, how many, which format and filters, no value', async () => {
  await storeDecisions(database.pool, [aDecision(), aDecision({ decisionId: 'd2', submissionId: 's2', claimId: 'CLM_SECRET' })]);
  const as = `ann-${Date.now()}`;
  await vigil('claims', 'export', '--format', 'json', '--claim', 'CLM_SECRET', '--payer', 'PAYER_A', '--as', as);
  await vigil('claims', 'export', '--format', 'fhir', '--as', as);
  await vigil('claims', 'export', '--format', '835', '--cycle', 'c1', '--as', as);
  await vigil('claims', 'export', '--format', '835', '--cycle', 'c1', '--as', as);
  await vigil('claims', 'explain', 'CLM_SECRET', '--as', as);

  const recorded = (await accesses()).filter(({ agent }) => agent === as).sort((a, b) => a.recordedAt - b.recordedAt);
  expect(recorded.map(({ subtype, action, records, reason }) => [subtype, action, records, reason])).toEqual([
    ['export', 'R', 1, 'json by payer, claim'],
    ['export', 'R', 2, 'fhir'],
    ['export', 'R', 2, '835 by cycle'],
    ['export', 'R', 2, '835 by cycle'],
    ['explain', 'R', 1, 'explain by claim'],
  ]);
  expect(JSON.stringify(recorded)).not.toContain('SECRET');
  expect((await database.pool.query('SELECT cycle, closed_by FROM claims.remittance_cycle')).rows).toEqual([{ cycle: 'c1', closed_by: as }]);

  // What cannot be recorded is not read, and no cycle is closed.
  process.env['VIGIL_KAFKA_BROKERS'] = '127.0.0.1:1';
  for (const args of [['export'], ['export', '--format', 'fhir'], ['export', '--format', '835', '--cycle', 'c2'], ['explain', 'CLM_1']])
    expect(await vigil('claims', ...args)).toMatchObject({ code: 1, stdout: '' });
  delete process.env['VIGIL_KAFKA_BROKERS'];
  expect((await database.pool.query('SELECT FROM claims.remittance_cycle')).rowCount).toBe(1);
}, 120_000); // prettier-ignore

test('exports read with rights of their own: they cannot change a decision, and readers cannot close a cycle', async () => {
  const tried = async (role: string, sql: string) => {
    const pool = createPool({ url: database.url, applicationName: 'test', role });
    try {
      return await pool.query(sql);
    } finally {
      await pool.end();
    }
  };
  for (const role of ['vigil_claims_reader', 'vigil_remitter']) {
    expect((await tried(role, 'SELECT * FROM claims.decision')).rows).toEqual([]);
    for (const sql of ['DELETE FROM claims.decision', 'SELECT sealed FROM clinical.patient_identity', 'DELETE FROM claims.remittance'])
      await expect(tried(role, sql)).rejects.toMatchObject({ code: '42501' });
  }
  await expect(tried('vigil_claims_reader', 'SELECT * FROM claims.remittance')).rejects.toMatchObject({ code: '42501' });
});

test('two who close cycles at once do not pay a decision twice', async () => {
  await storeDecisions(database.pool, decidedClaims(35, 20));
  const summaries = await Promise.all([summaryOf('a'), summaryOf('b'), summaryOf('a')]);
  const counts = summaries.map(({ remittances }) => remittances.reduce((sum, { claims }) => sum + claims, 0));
  const payable = decidedClaims(35, 20).filter(({ outcome }) => outcome !== 'pended').length;

  expect(summaries[0]).toEqual(summaries[2]);
  expect([counts[0], counts[1]].sort((a, b) => a! - b!)).toEqual([0, payable]);
});

test('files of a cycle lie in a directory, one per payer, for nobody else to read', async () => {
  await storeDecisions(database.pool, [
    aDecision(),
    aDecision({ decisionId: 'd2', payerId: '../P' }),
    aDecision({ decisionId: 'd3', payerId: '' }),
  ]);
  const out = join(mkdtempSync(join(tmpdir(), 'vigil-835-')), 'out');
  const { stdout } = await export835('c1', '--out', out);

  expect(readdirSync(out).sort()).toEqual([
    '835_PAYER_A_c1.x12',
    '835_UNKNOWN_c1.x12',
    expect.stringMatching(/^835____P\.[0-9a-f]{12}_c1\.x12$/),
  ]);
  expect(stdout.split('\n').filter((line) => line.startsWith('written: '))).toHaveLength(3);
  expect(statSync(join(out, '835_PAYER_A_c1.x12')).mode & 0o777).toBe(0o600);
  const onlyOne = await export835('c1', '--payer', 'PAYER_A', '--test');
  expect(onlyOne.stdout.match(/^ISA/gm)).toHaveLength(1);
  expect(onlyOne.stdout).toMatch(/^ISA.*\*T\*:~/);
  expect((await export835('c1', '--out', '/dev/null/nowhere')).code).not.toBe(0);
});

test('an explanation that does not balance leaves no file, not even a part of one', async () => {
  await storeDecisions(database.pool, [
    aDecision(),
    aDecision({ decisionId: 'd2', submissionId: 's2', lines: [aDecidedLine({ paidCents: 6_401 })] }),
  ]);
  const folder = mkdtempSync(join(tmpdir(), 'vigil-fhir-'));
  const { code, stderr } = await vigil('claims', 'export', '--format', 'fhir', '--out', join(folder, 'eob.ndjson'));

  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('UNBALANCED_REMITTANCE') });
  expect(readdirSync(folder)).toEqual([]);
});

test('a bad name of a cycle is refused before anything is closed', async () => {
  const { code, stderr } = await export835('../c');
  expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('--cycle takes') });
});

test('FHIR is a resource a line or one bundle, balanced, to a file if wished', async () => {
  await storeDecisions(database.pool, decidedClaims(36, 12));
  const { stdout } = await vigil('claims', 'export', '--format', 'fhir');
  const resources = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ExplanationOfBenefit);
  for (const resource of resources) expect(checkExplanation(resource)).toEqual([]);

  const bundle = await json<{ resourceType: string; entry: { resource: object }[] }>('claims', 'export', '--format', 'fhir');
  expect(bundle.entry.map(({ resource }) => resource)).toEqual(resources);
  expect(JSON.parse((await vigil('claims', 'export', '--format', 'fhir', '--bundle')).stdout)).toEqual(bundle);
  const out = join(mkdtempSync(join(tmpdir(), 'vigil-fhir-')), 'eob.ndjson');
  expect((await vigil('claims', 'export', '--format', 'fhir', '--out', out)).stdout).toBe(`written: ${out}\n`);
  expect(readFileSync(out, 'utf8')).toBe(stdout);
  const whole = join(mkdtempSync(join(tmpdir(), 'vigil-fhir-')), 'bundle.json');
  await vigil('claims', 'export', '--format', 'fhir', '--bundle', '--out', whole);
  expect(JSON.parse(readFileSync(whole, 'utf8'))).toEqual(bundle);
  await vigil('claims', 'export', '--format', 'fhir', '--bundle', '--claim', 'nobody’s', '--out', whole);
  expect(JSON.parse(readFileSync(whole, 'utf8'))).toEqual({ resourceType: 'Bundle', type: 'collection', total: 0, entry: [] });
  await vigil('claims', 'export', '--format', 'json', '--out', whole);
  expect(readFileSync(whole, 'utf8')).toBe((await vigil('claims', 'export', '--format', 'json')).stdout);
  expect((await vigil('claims', 'export', '--format', 'fhir', '--out', '/dev/null/x')).stderr).toContain('DISK_UNWRITABLE');
});

test('a claim is explained decision by decision; one that nobody knows ends with 1', async () => {
  const first = aDecision();
  await storeDecisions(database.pool, [first, aReversalOf(first, 's2')]);
  const { code, stdout } = await vigil('claims', 'explain', 'CLM_1');
  expect(code).toBe(0);
  expect(stdout).toContain('because FEE_SCHEDULE (reference.fee-schedule.changed.v1, STANDARD/99213, version 7): allowed 100.00');
  expect(stdout.indexOf('decision 1: paid')).toBeLessThan(stdout.indexOf('reversal of an earlier decision: reversed'));
  // What is read back is what was decided.
  expect(await json('claims', 'explain', 'CLM_1')).toEqual({ decisions: [first, aReversalOf(first, 's2')] });
  expect(await vigil('claims', 'explain', 'CLM_0')).toMatchObject({ code: 1, stdout: 'nothing was decided about a claim of that id\n' });
});

test('a database that is away is named', async () => {
  process.env['VIGIL_DATABASE_URL'] = 'postgres://127.0.0.1:9/none';
  for (const args of [
    ['explain', 'CLM_1'],
    ['export', '--format', '835'],
  ]) {
    expect(await vigil('claims', ...args)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('DATABASE_AWAY') });
  }
  process.env['VIGIL_DATABASE_URL'] = database.url;
});

test('names are shown only for a reason that is recorded first; without a name the token stays', async () => {
  const { data } = loadKeys(stackEnv().keysFile);
  const identify = async (patientToken: string, identity: object) => {
    const context = sealContext({ subject: 'patients.identity.observed.v1-value', field: 'sealed', owner: patientToken, keyId: data.id });
    await database.pool.query(
      'INSERT INTO clinical.patient_identity (patient_token, sealed, key_id, observed_at) VALUES ($1, $2, $3, now())',
      [patientToken, seal(data, context, Buffer.from(JSON.stringify(identity))), data.id],
    );
  };
  await identify('t1.named', { name: 'Jane Canary', patient_id: 'PAT_1' });
  await identify('t1.nameless', { patient_id: 'PAT_2' });
  await storeDecisions(
    database.pool,
    ['named', 'nameless', 'unknown'].map((name) =>
      aDecision({ decisionId: name, submissionId: name, claimId: name, patientToken: `t1.${name}` }),
    ),
  );

  const masked = await export835('c1');
  expect(masked.stdout).toContain('NM1*QC*1*t1.named*****MI*t1.member-one');
  expect(masked.stdout).not.toContain('anary');
  expect((await export835('c1', '--reveal')).stderr).toContain('--reveal needs --reason');

  const recorded = async () =>
    (await withKafka(({ admin }) => admin.stableOffsets(topics.accessRecorded.name))).reduce((sum, end) => sum + end, 0);
  const before = await recorded();
  const revealed = await export835('c1', '--reveal', '--reason', 'payment run, ticket 4711', '--as', 'ann');
  expect(await recorded()).toBe(before + 1);
  expect({ stderr: revealed.stderr, nm1: revealed.stdout.match(/^NM1.*(?=~)/gm) }).toEqual({
    stderr: '',
    nm1: ['NM1*QC*1*Canary*Jane****MI*PAT_1', 'NM1*QC*1*t1.nameless*****MI*t1.member-one', 'NM1*QC*1*t1.unknown*****MI*t1.member-one'],
  });
  const eob = await vigil('claims', 'export', '--format', 'fhir', '--claim', 'named', '--reveal', '--reason', 'appeal 12');
  expect(eob.stdout).toContain('"display":"Jane Canary"');

  // What cannot be recorded is not shown.
  process.env['VIGIL_KAFKA_BROKERS'] = '127.0.0.1:1';
  const unrecorded = await export835('c1', '--reveal', '--reason', 'payment run, ticket 4711');
  delete process.env['VIGIL_KAFKA_BROKERS'];
  expect({ code: unrecorded.code, stdout: unrecorded.stdout }).toEqual({ code: 1, stdout: '' });
}, 120_000);
