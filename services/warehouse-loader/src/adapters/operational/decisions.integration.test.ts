import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { createPool, fingerprintRows, operationalTables, replayableSink, tablesOf } from '@vigil/postgres';
import { aDecision, aReversalOf, createTestDatabase, decidedClaims, type TestDatabase } from '@vigil/testing';
import { createSinkBench, drained, type SinkBench } from '../../fixtures/sink-bench.ts';
import { createOperationalSink, operationalSpec } from './create-operational-sink.ts';
import { rewindOperational } from './rewind-operational.ts';

const { claimAdjudicated } = topics;
const tables = ['decision', 'decision_line', 'decision_adjustment'];

let database: TestDatabase;
let bench: SinkBench;

beforeAll(async () => {
  database = await createTestDatabase('vigil');
});
beforeEach(async () => {
  await database.pool.query(`TRUNCATE ${tables.map((table) => `claims.${table}`).join(', ')}, engine.sink_offset, engine.ledger_outbox`);
  bench = await createSinkBench({ spec: operationalSpec });
});
afterEach(() => bench.stop());
afterAll(() => database?.drop());

const rows = async (sql: string): Promise<Record<string, unknown>[]> => (await database.pool.query<Record<string, unknown>>(sql)).rows;

test('a decision is stored with its lines and adjustments, its reasons, its batch and its place', async () => {
  await bench.send(claimAdjudicated, [aDecision()], { headers: [['vigil-batch-id', Buffer.from('batch-7')]] });
  await drained(await bench.start(createOperationalSink(database.pool)), bench);

  expect(await rows('SELECT * FROM claims.decision')).toMatchObject([
    {
      decision_id: aDecision().decisionId,
      claim_id: 'CLM_1',
      patient_token: 't1.patient-one',
      outcome: 'paid',
      number: 1,
      reverses: null,
      diagnosis_codes: ['E119', 'I10'],
      service_from: 19_797,
      decided_at: new Date('2024-03-20T10:30:00Z'),
      charge_cents: 15_000,
      paid_cents: 6_400,
      reference_versions: { 'reference.plan.changed.v1': 3 },
      batch_id: 'batch-7',
      src_topic: claimAdjudicated.name,
      src_partition: 0,
      src_offset: 0,
    },
  ]);
  expect(await rows('SELECT line, procedure_code, modifiers, paid_cents, denied, reasons, src_offset FROM claims.decision_line')).toEqual([
    { line: 1, procedure_code: '99213', modifiers: ['25'], paid_cents: 6_400, denied: false, reasons: aDecision().lines[0]!.reasons, src_offset: 0 }, // prettier-ignore
  ]);
  expect(await rows('SELECT line, place, group_code, carc, amount_cents FROM claims.decision_adjustment ORDER BY place')).toEqual([
    { line: 1, place: 1, group_code: 'CO', carc: '45', amount_cents: 5_000 },
    { line: 1, place: 2, group_code: 'PR', carc: '1', amount_cents: 2_000 },
    { line: 1, place: 3, group_code: 'PR', carc: '2', amount_cents: 1_600 },
  ]);
});

test('in the tables, too, every line balances and the lines add up to the claim', async () => {
  await bench.send(claimAdjudicated, decidedClaims(11, 120));
  await drained(await bench.start(createOperationalSink(database.pool)), bench);

  expect(
    await rows(`SELECT count(*)::int AS n FROM claims.decision_line l WHERE charge_cents <> paid_cents + COALESCE((
      SELECT sum(amount_cents) FROM claims.decision_adjustment a
      WHERE (a.src_topic, a.src_partition, a.src_offset, a.line) = (l.src_topic, l.src_partition, l.src_offset, l.line)), 0)`),
  ).toEqual([{ n: 0 }]);
  expect(
    await rows(`SELECT count(*)::int AS n FROM claims.decision d WHERE (charge_cents, paid_cents) <> (
      SELECT sum(charge_cents), sum(paid_cents) FROM claims.decision_line l WHERE l.src_offset = d.src_offset)`),
  ).toEqual([{ n: 0 }]);
});

test('a rewind and a reload change nothing, and the fingerprint of all three tables says so', async () => {
  const decisions = decidedClaims(12, 100);
  await bench.send(claimAdjudicated, decisions);
  await drained(await bench.start(createOperationalSink(database.pool)), bench);
  const sink = replayableSink('warehouse-loader.operational');
  const range = {
    topic: claimAdjudicated.name,
    partition: 0,
    fromOffset: 30,
    untilOffset: null,
    tables: tablesOf(sink, claimAdjudicated.name),
  };
  const fingerprint = () => fingerprintRows(database.pool, sink.name, range);
  const before = await fingerprint();
  const [{ n } = { n: 0 }] = await rows(
    `SELECT (SELECT count(*) FROM claims.decision WHERE src_offset >= 30) + (SELECT count(*) FROM claims.decision_line WHERE src_offset >= 30)
      + (SELECT count(*) FROM claims.decision_adjustment WHERE src_offset >= 30) AS n`,
  );
  expect(before).toMatchObject({ rows: n, position: decisions.length });

  const deleted = await rewindOperational({ pool: database.pool, topic: claimAdjudicated.name, partition: 0, toOffset: 30 });
  expect(deleted).toBe(n);
  while ((await rows('SELECT FROM claims.decision')).length < decisions.length)
    await new Promise((resolve) => void setTimeout(resolve, 20));
  expect(await fingerprint()).toEqual(before);

  // One cent in one of the three tables is another fingerprint.
  await database.pool.query('UPDATE claims.decision_adjustment SET amount_cents = amount_cents + 1 WHERE src_offset >= 30');
  expect(await fingerprint()).not.toEqual(before);
});

test('every table of the sink is rewound by its own topic only', () => {
  expect(tablesOf(replayableSink('warehouse-loader.operational'), `${claimAdjudicated.name}.warehouse-loader.operational.retry`)).toEqual([
    'claims.decision',
    'claims.decision_line',
    'claims.decision_adjustment',
  ]);
  const all = operationalTables.flatMap(([, ...names]) => [...names] as string[]);
  expect(new Set(all).size).toBe(all.length);
});

test('figures of a calendar day count submissions as they stand and move money: reversals negative, pended claims not', async () => {
  const first = aDecision();
  const dayAfter = first.decidedAt + 86_400_000;
  await bench.send(claimAdjudicated, [
    first,
    aDecision({ decisionId: 'd2', submissionId: 's2', outcome: 'denied', paidCents: 0 }),
    aDecision({ decisionId: 'd3', submissionId: 's3', outcome: 'pended' }),
    aReversalOf(first, 's4', { decidedAt: dayAfter }),
  ]);
  await drained(await bench.start(createOperationalSink(database.pool)), bench);

  expect(
    await rows(`SELECT to_char(day, 'YYYY-MM-DD') AS day, records, paid, denied, pended, reversed, charge_cents, paid_cents,
      mean_turnaround_seconds FROM claims.daily ORDER BY day`),
  ).toEqual([
    { day: '2024-03-20', records: 3, paid: 0, denied: 1, pended: 1, reversed: 1, charge_cents: 30_000, paid_cents: 6_400, mean_turnaround_seconds: 86_400 }, // prettier-ignore
    { day: '2024-03-21', records: 1, paid: 0, denied: 0, pended: 0, reversed: 1, charge_cents: -15_000, paid_cents: -6_400, mean_turnaround_seconds: null }, // prettier-ignore
  ]);
});

test('over all days each submission counts once, and money is what was really paid', async () => {
  const first = aDecision();
  const waiting = aDecision({ decisionId: 'd2', submissionId: 's2', outcome: 'pended' });
  const nothing = aDecision({ decisionId: 'r5', submissionId: 's5', kind: 'reversal', outcome: 'reversed' });
  const correctedAt = first.decidedAt + 86_400_000;
  await bench.send(claimAdjudicated, [
    first,
    waiting,
    aReversalOf(first, 's3', { decisionId: 'r3' }),
    aDecision({ decisionId: 'd3', submissionId: 's3', decidedAt: correctedAt }),
    aReversalOf(waiting, 's4', { decisionId: 'r4' }),
    aDecision({ decisionId: 'd4', submissionId: 's4', decidedAt: correctedAt }),
    nothing,
  ]);
  await drained(await bench.start(createOperationalSink(database.pool)), bench);

  // s1 and s2 were taken back, s5 is a void of nothing; s3 and s4 stand: 2 × 150.00 charged, 2 × 64.00 paid.
  expect(
    await rows(`SELECT sum(submissions)::int AS submissions, sum(paid)::int AS paid, sum(pended)::int AS pended, sum(reversed)::int AS reversed,
      sum(records)::int AS records, sum(charge_cents)::int AS charge, sum(paid_cents)::int AS paid_cents FROM claims.daily`),
  ).toEqual([{ submissions: 5, paid: 2, pended: 0, reversed: 3, records: 7, charge: 30_000, paid_cents: 12_800 }]);
});

test('the loader needs no more than its own rights', async () => {
  const pool = createPool({ url: database.url, applicationName: 'loader', role: 'vigil_loader_operational' });
  try {
    await bench.send(claimAdjudicated, [aDecision()]);
    await drained(await bench.start(createOperationalSink(pool)), bench);
    await bench.stop();
    expect(await rows('SELECT FROM claims.decision')).toHaveLength(1);
    for (const sql of ['SELECT * FROM claims.remittance', "UPDATE claims.decision SET outcome = 'paid'"]) {
      await expect(pool.query(sql)).rejects.toMatchObject({ code: '42501' });
    }
  } finally {
    await pool.end();
  }
});
