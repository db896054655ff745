import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { topics, type DeidClaimAdjudicated } from '@vigil/contracts';
import { createPool, fingerprintRows, replayableSink, tablesOf } from '@vigil/postgres';
import { aDecidedLine, aDecision, aDecisionOf, aReversalOf, createTestDatabase, decidedClaims, type TestDatabase } from '@vigil/testing';
import { parquetReadObjects } from 'hyparquet';
import { deidClaimOf } from '../../fixtures/deid-claims.ts';
import { createSinkBench, drained, type SinkBench } from '../../fixtures/sink-bench.ts';
import { createLakeSink, lakeSpec } from '../lake/create-lake-sink.ts';
import { createWarehouseSink, warehouseSpec } from './create-warehouse-sink.ts';
import { rewindWarehouse } from './rewind-warehouse.ts';

const { deidClaimAdjudicated } = topics;
const facts = ['fact_claim', 'fact_claim_line', 'fact_claim_adjustment', 'bridge_claim_diagnosis'];
const dimensions = ['dim_provider', 'dim_procedure', 'dim_diagnosis', 'dim_payer', 'dim_plan', 'dim_patient'];

let database: TestDatabase;
let bench: SinkBench;

beforeAll(async () => {
  database = await createTestDatabase('vigil_warehouse');
});
beforeEach(async () => {
  const tables = [...facts, ...dimensions, 'load'].map((table) => `warehouse.${table}`).join(', ');
  await database.pool.query(`TRUNCATE ${tables}, engine.sink_offset, engine.ledger_outbox`);
  bench = await createSinkBench({ spec: warehouseSpec }, 2);
});
afterEach(() => bench.stop());
afterAll(() => database?.drop());

const rows = async (sql: string): Promise<Record<string, unknown>[]> => (await database.pool.query<Record<string, unknown>>(sql)).rows;
const load = async (claims: readonly DeidClaimAdjudicated[], pool = database.pool) => {
  await bench.send(deidClaimAdjudicated, claims);
  const stage = await bench.start(createWarehouseSink(pool));
  await drained(stage, bench);
  return stage;
};

test('a decision becomes a fact with lines, adjustments and diagnoses, and everything is joined by keys', async () => {
  const claim = deidClaimOf(aDecision({ claimReasons: [{ rule: 'TIMELY_FILING', table: '', row: '', version: 0, detail: '' }] }));
  await load([claim]);

  expect(
    await rows(`SELECT p.pseudonym, v.provider, v.provider_type, y.code AS payer, n.plan, f.outcome, f.kind, f.approx_year, f.charge_cents,
        f.paid_cents, f.lines, f.rules, f.pend_reasons, replace(f.decision_id::text, '-', '') AS id
      FROM warehouse.fact_claim f JOIN warehouse.dim_patient p USING (patient_key) JOIN warehouse.dim_provider v USING (provider_key)
      JOIN warehouse.dim_payer y USING (payer_key) JOIN warehouse.dim_plan n USING (plan_key)`),
  ).toMatchObject([
    {
      pseudonym: claim.pseudonym,
      provider: claim.providerKey,
      provider_type: 'clinic',
      payer: 'PAYER_A',
      plan: 'PLAN_1',
      outcome: 'paid',
      kind: 'decision',
      approx_year: 2023,
      charge_cents: 15_000,
      paid_cents: 6_400,
      lines: 1,
      rules: ['TIMELY_FILING'],
      pend_reasons: [],
    },
  ]);
  expect(
    await rows(`SELECT l.line, c.code, l.modifiers, l.charge_cents, l.allowed_cents, l.paid_cents, l.patient_cents, l.rules
      FROM warehouse.fact_claim_line l JOIN warehouse.dim_procedure c USING (procedure_key)`),
  ).toEqual([{ line: 1, code: '99213', modifiers: ['25'], charge_cents: 15_000, allowed_cents: 10_000, paid_cents: 6_400, patient_cents: 3_600, rules: ['FEE_SCHEDULE'] }]); // prettier-ignore
  expect(await rows('SELECT line, place, group_code, carc, amount_cents FROM warehouse.fact_claim_adjustment ORDER BY place')).toEqual([
    { line: 1, place: 1, group_code: 'CO', carc: '45', amount_cents: 5_000 },
    { line: 1, place: 2, group_code: 'PR', carc: '1', amount_cents: 2_000 },
    { line: 1, place: 3, group_code: 'PR', carc: '2', amount_cents: 1_600 },
  ]);
  expect(
    await rows(
      'SELECT place, code FROM warehouse.bridge_claim_diagnosis JOIN warehouse.dim_diagnosis USING (diagnosis_key) ORDER BY place',
    ),
  ).toEqual([
    { place: 1, code: 'E119' },
    { place: 2, code: 'I10' },
  ]);
  expect(await rows('SELECT sum(rows)::int AS rows FROM warehouse.load')).toEqual([{ rows: 1 }]);
});

test('what was withheld is loaded without it', async () => {
  const bare = Object.fromEntries(Object.keys(deidClaimOf(aDecision())).map((name) => [name, null])) as unknown as DeidClaimAdjudicated;
  const { decisionId } = deidClaimOf(aDecision());
  const nothing = { line: null, procedureCode: null, revenueCode: null, modifiers: null, unitsThousandths: null, chargeCents: null, allowedCents: null, paidCents: null, patientCents: null, denied: null, adjustments: null, rarc: null, reasons: null }; // prettier-ignore
  await load([
    { ...bare, decisionId },
    { ...bare, decisionId, lines: [nothing, { ...nothing, reasons: [{ rule: null, table: null }] }], pendReasons: [{ code: null, field: null, line: null }] }, // prettier-ignore
  ]);

  expect(await rows('SELECT lines, pend_reasons, outcome FROM warehouse.fact_claim ORDER BY lines')).toEqual([
    { lines: 0, pend_reasons: [], outcome: null },
    { lines: 2, pend_reasons: [''], outcome: null },
  ]);
  expect(await rows('SELECT line, modifiers, rules FROM warehouse.fact_claim_line ORDER BY line')).toEqual([
    { line: 1, modifiers: [], rules: [] },
    { line: 2, modifiers: [], rules: [''] },
  ]);
});

test('a provider of another type is another version: facts keep theirs, the last loaded is current', async () => {
  const typed = (number: number, providerType: string) =>
    deidClaimOf(aDecision({ decisionId: `d${number}`, submissionId: `s${number}`, providerType }));
  const stage = await load([typed(1, 'clinic')]);
  const versions = () =>
    rows('SELECT provider_type, is_current, valid_to_load IS NULL AS open FROM warehouse.dim_provider ORDER BY provider_type');
  expect(await versions()).toEqual([{ provider_type: 'clinic', is_current: true, open: true }]);

  await bench.send(deidClaimAdjudicated, [typed(2, 'hospital'), typed(3, 'hospital')]);
  await drained(stage, bench);
  expect(await versions()).toEqual([
    { provider_type: 'clinic', is_current: false, open: false },
    { provider_type: 'hospital', is_current: true, open: true },
  ]);

  // A type that comes back is the version that was there; within a batch the last one counts.
  await bench.send(deidClaimAdjudicated, [typed(4, 'hospital'), typed(5, 'clinic')]);
  await drained(stage, bench);
  expect(await versions()).toEqual([
    { provider_type: 'clinic', is_current: true, open: true },
    { provider_type: 'hospital', is_current: false, open: false },
  ]);
  expect(
    await rows(`SELECT provider_type, count(*)::int AS n FROM warehouse.fact_claim JOIN warehouse.dim_provider USING (provider_key)
      GROUP BY 1 ORDER BY 1`),
  ).toEqual([
    { provider_type: 'clinic', n: 2 },
    { provider_type: 'hospital', n: 3 },
  ]);
});

test('a rewind and a reload change nothing, and the fingerprint of all four tables says so', async () => {
  const claims = decidedClaims(21, 80).map((claim) => deidClaimOf(claim));
  await load(claims);
  const sink = replayableSink('warehouse-loader.warehouse');
  const range = {
    topic: deidClaimAdjudicated.name,
    partition: 0,
    fromOffset: 0,
    untilOffset: null,
    tables: tablesOf(sink, deidClaimAdjudicated.name),
  };
  const fingerprint = () => fingerprintRows(database.pool, sink.name, range);
  const mart = () => rows('SELECT * FROM warehouse.mart_claims ORDER BY payer, plan');
  const [before, marts] = [await fingerprint(), await mart()];

  expect(await rewindWarehouse({ pool: database.pool, topic: deidClaimAdjudicated.name, partition: 0, toOffset: 33 })).toBeGreaterThan(47);
  for (const table of facts) expect(await rows(`SELECT FROM warehouse.${table} WHERE src_offset >= 33`)).toEqual([]);
  expect(await rows('SELECT sum(rows)::int AS rows FROM warehouse.load')).toEqual([{ rows: 33 }]);

  while ((await rows('SELECT FROM warehouse.fact_claim')).length < claims.length)
    await new Promise((resolve) => void setTimeout(resolve, 20));
  expect(await fingerprint()).toEqual(before);
  expect(await mart()).toEqual(marts);
});

test('the mart counts submissions as they stand, denied lines by reason, and the money that stands', async () => {
  const hour = 3_600_000;
  const paid = aDecision({ receivedAt: 0, decidedAt: 2 * hour });
  const denied = aDecidedLine({ line: 2, chargeCents: 5_000, allowedCents: 0, paidCents: 0, patientCents: 0, denied: true, adjustments: [{ group: 'CO', carc: '97', cents: 5_000 }] }); // prettier-ignore
  const mixed = aDecisionOf([aDecidedLine(), denied], { decisionId: 'd2', submissionId: 's2', receivedAt: 0, decidedAt: 4 * hour });
  const pended = aDecision({ decisionId: 'd3', submissionId: 's3', outcome: 'pended', receivedAt: 0, decidedAt: hour });
  const decidedLater = aDecisionOf([{ ...denied, line: 1 }], {
    decisionId: 'd4',
    submissionId: 's3',
    number: 2,
    receivedAt: 0,
    decidedAt: 9 * hour,
  });
  const voided = aReversalOf(paid, 's5', { receivedAt: 5 * hour, decidedAt: 6 * hour });
  await load([paid, mixed, pended, decidedLater, voided].map((claim) => deidClaimOf(claim)));

  // Submissions: s1 reversed (s5 took it back), s2 paid, s3 denied (its pended decision was followed by another), s5 reversed.
  // Lines of decisions that stand: 2 + 1 = 3, of which 2 denied, both by CO-97.
  // Charged 200.00 + 50.00 = 250.00, paid 64.00. Turn-around 2, 4, 9, 1 h: median 3 h.
  expect(await rows('SELECT * FROM warehouse.mart_claims')).toMatchObject([
    {
      approx_year: 2023,
      payer: 'PAYER_A',
      plan: 'PLAN_1',
      claims: 4,
      paid: 1,
      denied: 1,
      pended: 0,
      reversed: 2,
      lines: 3,
      denied_lines: 2,
      denial_rate: 0.6667,
      denied_lines_by_carc: { 'CO-97': 2 },
      denial_rate_by_carc: { 'CO-97': 0.6667 },
      charge_cents: 25_000,
      paid_cents: 6_400,
      paid_per_charged: 0.256,
      median_turnaround_ms: 3 * hour,
    },
  ]);
});

test('what was taken back is reversed and without money, a pended claim that was replaced too, and sums are what was paid', async () => {
  const first = aDecision();
  const waiting = aDecision({ decisionId: 'd2', submissionId: 's2', claimId: 'CLM_2', outcome: 'pended', allowedCents: 0, paidCents: 0, patientCents: 0 }); // prettier-ignore
  const claims = [
    first,
    aReversalOf(first, 's3', { decisionId: 'r3' }),
    aDecision({ decisionId: 'd3', submissionId: 's3', decidedAt: first.decidedAt + 86_400_000 }),
    waiting,
    aReversalOf(waiting, 's4', { decisionId: 'r4' }),
    aDecision({ decisionId: 'd4', submissionId: 's4', decidedAt: first.decidedAt + 86_400_000 }),
  ].map((claim) => deidClaimOf(claim));
  await load(claims);

  expect(
    await rows('SELECT outcome, charge_cents, paid_cents, reversed_by IS NOT NULL AS taken FROM warehouse.claim ORDER BY paid_cents'),
  ).toEqual([
    { outcome: 'reversed', charge_cents: 0, paid_cents: 0, taken: true },
    { outcome: 'reversed', charge_cents: 0, paid_cents: 0, taken: true },
    { outcome: 'paid', charge_cents: 15_000, paid_cents: 6_400, taken: false },
    { outcome: 'paid', charge_cents: 15_000, paid_cents: 6_400, taken: false },
  ]);
  expect(await rows('SELECT claims, paid, pended, reversed, charge_cents, paid_cents FROM warehouse.mart_claims')).toEqual([
    { claims: 4, paid: 2, pended: 0, reversed: 2, charge_cents: 30_000, paid_cents: 12_800 },
  ]);
});

test('where nothing was denied the mart says so: no reasons, not unknown ones', async () => {
  await load([deidClaimOf(aDecision())]);
  expect(await rows('SELECT denial_rate, denied_lines_by_carc, denial_rate_by_carc FROM warehouse.mart_claims')).toEqual([
    { denial_rate: 0, denied_lines_by_carc: {}, denial_rate_by_carc: {} },
  ]);
});

test('analysts read facts, dimensions and the mart, and no position, load or time of loading', async () => {
  await load([deidClaimOf(aDecision())]);
  const analyst = createPool({ url: database.url, applicationName: 'analyst', role: 'analyst' });
  try {
    for (const table of ['dim_procedure', 'dim_diagnosis', 'dim_payer', 'claim', 'mart_claims']) {
      expect((await analyst.query(`SELECT * FROM warehouse.${table}`)).rowCount).toBeGreaterThan(0);
    }
    await analyst.query('SELECT provider, provider_type, is_current FROM warehouse.dim_provider');
    await analyst.query('SELECT plan, payer, is_current FROM warehouse.dim_plan');
    for (const sql of [
      ...facts.flatMap((table) => [
        `SELECT * FROM warehouse.${table}`,
        `SELECT src_offset FROM warehouse.${table}`,
        `SELECT load_id FROM warehouse.${table}`,
      ]),
      'SELECT valid_from_load FROM warehouse.dim_provider',
      'SELECT valid_to_load FROM warehouse.dim_plan',
      'DELETE FROM warehouse.fact_claim',
    ]) {
      await expect(analyst.query(sql)).rejects.toMatchObject({ code: '42501' });
    }
  } finally {
    await analyst.end();
  }
});

test('the loader needs no more than its own rights', async () => {
  const pool = createPool({ url: database.url, applicationName: 'loader', role: 'vigil_loader_warehouse' });
  try {
    await load([deidClaimOf(aDecision()), deidClaimOf(aDecision({ decisionId: 'd2', providerType: 'hospital' }))], pool);
    await bench.stop();
    expect(await rows('SELECT FROM warehouse.fact_claim')).toHaveLength(2);
    await expect(pool.query('DELETE FROM warehouse.fact_claim_line')).rejects.toMatchObject({ code: '42501' });
  } finally {
    await pool.end();
  }
});

test('the lake holds the same decisions, lists inside of lists included', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'vigil-lake-'));
  await bench.stop();
  bench = await createSinkBench({ spec: lakeSpec });
  try {
    const claims = decidedClaims(5, 20).map((claim) => deidClaimOf(claim));
    await bench.send(deidClaimAdjudicated, claims);
    const limits = { maxRecords: 100, maxBytes: 1_000_000, maxWaitMs: 200, idleMs: 20 };
    await drained(await bench.start(createLakeSink({ pool: database.pool, directory, datasetVersion: 'v1', limits })), bench);

    const files = await rows(`SELECT path FROM warehouse.lake_file WHERE dataset = '${deidClaimAdjudicated.name}'`);
    const read = [];
    for (const { path } of files) {
      const { buffer, byteOffset, byteLength } = await readFile(join(directory, String(path)));
      read.push(...(await parquetReadObjects({ file: buffer.slice(byteOffset, byteOffset + byteLength) })));
    }
    const asNumbers = JSON.parse(
      JSON.stringify(read, (_key, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)),
    ) as unknown;
    expect(asNumbers).toEqual(JSON.parse(JSON.stringify(claims)));
  } finally {
    await rm(directory, { recursive: true });
  }
});
