import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { topics, type IdentityObserved, type ReviewDecided, type ReviewRequested } from '@vigil/contracts';
import type { Stage } from '@vigil/kafka';
import { createPool } from '@vigil/postgres';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import type { Pool } from 'pg';
import { createSinkBench, drained, type SinkBench } from '../../fixtures/sink-bench.ts';
import { createOperationalSink, operationalSpec } from './create-operational-sink.ts';

const { reviewRequested, reviewDecided, identityObserved } = topics;
let database: TestDatabase;
let loader: Pool;
let bench: SinkBench;
let stage: Stage | undefined;

beforeAll(async () => {
  database = await createTestDatabase('vigil');
  loader = createPool({ url: database.url, applicationName: 'loader', role: 'vigil_loader_operational' });
});
afterAll(async () => {
  await loader.end();
  await database.drop();
});
beforeEach(async () => {
  await database.pool.query('TRUNCATE claims.review, clinical.patient_identity, engine.sink_offset');
  bench = await createSinkBench({ spec: operationalSpec });
  stage = undefined;
});
afterEach(() => bench.stop());

const requested = (change: Partial<ReviewRequested> = {}): ReviewRequested => ({
  reviewId: 'r1',
  submissionId: 's1',
  policyToken: 't1.policy',
  patientToken: 't1.patient',
  claimId: 'CLM_1',
  reasons: [{ code: 'AMOUNT_RANGE', field: 'total_amount', line: 0 }],
  chargeCents: 6_000_000,
  secondPersonCents: 100_000,
  requestedAt: Date.UTC(2024, 2, 15),
  withdrawnBy: null,
  ...change,
});

const decided = (change: Partial<ReviewDecided> = {}): ReviewDecided => ({
  reviewId: 'r1',
  submissionId: 's1',
  policyToken: 't1.policy',
  decision: 'deny',
  group: 'CO',
  carc: '50',
  rarc: ['N115', 'M54'],
  person: 'alice',
  secondPerson: 'bob',
  reason: 'not necessary',
  decidedAt: Date.UTC(2024, 2, 16),
  ...change,
});

const rows = async (sql: string) => (await database.pool.query<Record<string, unknown>>(sql)).rows;
const load = async () => {
  stage ??= await bench.start(createOperationalSink(loader));
  await drained(stage, bench);
};

const whole = {
  review_id: 'r1',
  submission_id: 's1',
  record_key: 't1.policy',
  policy_token: 't1.policy',
  patient_token: 't1.patient',
  claim_id: 'CLM_1',
  reasons: [{ code: 'AMOUNT_RANGE', field: 'total_amount', line: 0 }],
  charge_cents: 6_000_000,
  second_person_cents: 100_000,
  requested_at: new Date('2024-03-15'),
  withdrawn_by: null,
  decision: 'deny',
  group_code: 'CO',
  carc: '50',
  rarc: ['N115', 'M54'],
  person: 'alice',
  second_person: 'bob',
  reason: 'not necessary',
  decided_at: new Date('2024-03-16'),
};

test('a request opens a review, a decision closes it', async () => {
  await bench.send(reviewRequested, [requested(), requested({ reviewId: 'r2', secondPersonCents: null })], { key: 't1.policy' });
  await bench.send(reviewDecided, [decided()], { key: 't1.policy' });
  await load();

  expect(await rows(`SELECT * FROM claims.review WHERE review_id = 'r1'`)).toEqual([whole]);
  expect(await rows('SELECT review_id, second_person_cents FROM claims.review WHERE decided_at IS NULL')).toEqual([
    { review_id: 'r2', second_person_cents: null },
  ]);
});

test('a decision that is read before its request closes it all the same', async () => {
  await bench.send(reviewDecided, [decided()], { key: 't1.policy' });
  await load();
  expect(await rows('SELECT requested_at, decision FROM claims.review')).toEqual([{ requested_at: null, decision: 'deny' }]);
  await bench.send(reviewRequested, [requested()], { key: 't1.policy' });
  await load();

  expect(await rows('SELECT * FROM claims.review')).toEqual([whole]);
});

test('a review whose claim was replaced is withdrawn, also where its request is read again', async () => {
  await bench.send(reviewRequested, [requested(), requested({ withdrawnBy: 's2', requestedAt: Date.UTC(2024, 2, 20) })], {
    key: 't1.policy',
  });
  await load();
  await bench.send(reviewRequested, [requested()], { key: 't1.policy' });
  await load();

  expect(await rows('SELECT withdrawn_by, requested_at FROM claims.review')).toEqual([
    { withdrawn_by: 's2', requested_at: new Date('2024-03-15') },
  ]);
});

test('the first decision stands, and a request that is read again changes nothing', async () => {
  await bench.send(reviewDecided, [decided(), decided({ decision: 'release', person: 'mallory' })], { key: 't1.policy' });
  await load();
  await bench.send(reviewDecided, [decided({ person: 'mallory' })], { key: 't1.policy' });
  await bench.send(reviewRequested, [requested(), requested()], { key: 't1.policy' });
  await load();

  expect(await rows('SELECT * FROM claims.review')).toEqual([whole]);
});

test('an identity that claims tell stands until a registry tells one, and the poorer never replaces the richer', async () => {
  const identity = (change: Partial<IdentityObserved>): IdentityObserved => ({
    patientToken: 't1.ann',
    sealed: Buffer.of(1),
    keyId: 'k',
    observedAt: 1,
    source: 'claims',
    told: 5,
    ...change,
  });
  const stands = async () =>
    (await rows('SELECT sealed, source, told FROM clinical.patient_identity')).map(({ sealed, source, told }) => [
      (sealed as Buffer)[0],
      source,
      told,
    ]);
  const tell = async (key: string, change: Partial<IdentityObserved>) => {
    await bench.send(identityObserved, [identity(change)], { key });
    await load();
  };

  await tell('t1.ann claims name+patient_id', {});
  await tell('t1.ann claims patient_id', { sealed: Buffer.of(2), told: 1, observedAt: 2 });
  expect(await stands()).toEqual([[1, 'claims', 5]]);
  await tell('t1.ann', { sealed: Buffer.of(3), source: 'registry', told: 0, observedAt: 0 });
  await tell('t1.ann claims name+patient_id', { sealed: Buffer.of(4), observedAt: 9 });
  expect(await stands()).toEqual([[3, 'registry', 0]]);

  await bench.send(identityObserved, [null], { key: 't1.ann' });
  await load();
  await tell('t1.ann claims name+patient_id', { sealed: Buffer.of(5), observedAt: 10 });
  expect(await stands()).toEqual([[5, 'claims', 5]]);
});
