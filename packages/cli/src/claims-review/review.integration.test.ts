import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { compileReader, topics, wireHeaderBytes, type AccessRecorded, type ReviewDecided } from '@vigil/contracts';
import { partitionOf } from '@vigil/kafka';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import { clock, createMemoryFleet, nowMs, type MemoryFleet } from '../../test-support/memory-fleet.ts';
import { identifyQueue, walkQueue } from '../dlq/walk-queue.ts';
import { confirmReview, decideReview, declineReview, revealReview, type ReviewWorld } from './decide-review.ts';
import { createReviewStore } from './review-store.ts';
import { rulingOf } from './review.ts';

let database: TestDatabase;
let fleet: MemoryFleet;
let world: ReviewWorld;

beforeAll(async () => {
  database = await createTestDatabase('vigil');
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.pool.query('TRUNCATE claims.review, claims.review_proposal');
  fleet = createMemoryFleet();
  world = { client: fleet.client, registry: fleet.registry, store: createReviewStore(database.pool), clock, secondPersonCents: 500_000 };
});

const request = (reviewId: string, chargeCents = 15_000, secondPersonCents: number | null = null) =>
  database.pool.query(
    `INSERT INTO claims.review (review_id, submission_id, record_key, policy_token, patient_token, claim_id, reasons, charge_cents,
       second_person_cents, requested_at)
     VALUES ($1, 's1', 't1.policy', 't1.policy', 't1.patient', 'CLM_1', '[{"code":"AMOUNT_RANGE","field":"total_amount","line":0}]', $2, $3, '2024-03-15')`,
    [reviewId, chargeCents, secondPersonCents],
  );

async function read<Value>(topic: { readonly name: string; readonly schema: Parameters<typeof compileReader>[0] }) {
  const decode = compileReader(topic.schema);
  const found: { readonly partition: number; readonly key: string; readonly value: Value }[] = [];
  await walkQueue(fleet.client, await identifyQueue(fleet.client, topic.name), (partition, records) => {
    for (const { key, value } of records)
      found.push({ partition, key: String(key), value: decode(value as Buffer, wireHeaderBytes) as Value });
  });
  return found;
}
const decided = () => read<ReviewDecided>(topics.reviewDecided);
const audited = async () =>
  (await read<AccessRecorded>(topics.accessRecorded)).map(({ value }) => `${value.subtype} ${value.agent} ${value.entity}`);

const release = rulingOf('release', { reason: 'date confirmed' });
const denial = rulingOf('deny', { reason: 'not necessary', group: 'CO', carc: '50', rarc: 'N115' });
const stateIn = async (reviewId: string) => (await world.store.find(reviewId)).proposal?.state ?? 'open';

test('one person decides a small claim, under the key of its request', async () => {
  await request('r1');
  const review = await decideReview('r1', { ruling: denial, by: 'alice' }, world);

  expect(review.proposal).toMatchObject({ state: 'published', proposedBy: 'alice', confirmedBy: null });
  const partition = partitionOf(Buffer.from('t1.policy'), 2);
  expect(await decided()).toEqual([
    {
      partition,
      key: 't1.policy',
      value: {
        reviewId: 'r1',
        submissionId: 's1',
        policyToken: 't1.policy',
        decision: 'deny',
        group: 'CO',
        carc: '50',
        rarc: ['N115'],
        person: 'alice',
        secondPerson: null,
        reason: 'not necessary',
        decidedAt: nowMs,
      },
    },
  ]);
  expect(await audited()).toEqual(['decide alice r1']);
});

test('a review is decided once, whoever tries again', async () => {
  await request('r1');
  await decideReview('r1', { ruling: release, by: 'alice' }, world);

  await expect(decideReview('r1', { ruling: denial, by: 'bob' }, world)).rejects.toMatchObject({ code: 'REVIEW_NOT_OPEN' });
  await expect(decideReview('r1', { ruling: denial, by: 'alice' }, world)).rejects.toMatchObject({ code: 'REVIEW_NOT_OPEN' });
  await expect(confirmReview('r1', 'bob', world)).rejects.toMatchObject({ code: 'REVIEW_NOT_OPEN' });
  expect(await decided()).toHaveLength(1);
});

test('of two who decide at the same moment one does', async () => {
  await request('r1');
  const results = await Promise.allSettled(['alice', 'bob'].map((by) => decideReview('r1', { ruling: release, by }, world)));

  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(await decided()).toHaveLength(1);
});

test('what nobody asked for, and what was decided elsewhere, cannot be decided', async () => {
  await request('r1');
  await database.pool.query(`UPDATE claims.review SET decided_at = now() WHERE review_id = 'r1'`);
  await database.pool.query(
    `INSERT INTO claims.review (review_id, submission_id, record_key, policy_token, decided_at) VALUES ('early', 's', 'k', '', now())`,
  );

  await request('r2');
  await database.pool.query(`UPDATE claims.review SET withdrawn_by = 's2' WHERE review_id = 'r2'`);

  for (const id of ['r1', 'r2', 'none', 'early']) {
    await expect(decideReview(id, { ruling: release, by: 'alice' }, world)).rejects.toMatchObject({ code: 'REVIEW_NOT_OPEN' });
  }
  expect(await decided()).toEqual([]);
});

test('above the limit the second person publishes, and is not the first', async () => {
  await request('r1', 500_001);
  await decideReview('r1', { ruling: release, by: 'alice' }, world);
  expect(await decided()).toEqual([]);
  expect(await stateIn('r1')).toBe('proposed');
  await expect(confirmReview('r1', 'alice', world)).rejects.toMatchObject({ code: 'SECOND_PERSON_NEEDED' });
  await expect(decideReview('r1', { ruling: denial, by: 'bob' }, world)).rejects.toMatchObject({ code: 'REVIEW_NOT_OPEN' });

  await confirmReview('r1', 'bob', world);
  expect((await decided()).map(({ value }) => [value.person, value.secondPerson, value.decision])).toEqual([['alice', 'bob', 'release']]);
  // What was refused is no access: it is not on record as one.
  expect((await audited()).sort()).toEqual(['confirm bob r1', 'propose alice r1']);
});

test('that one person cannot be both is a rule of the database, too', async () => {
  await request('r1', 500_001);
  const review = await decideReview('r1', { ruling: release, by: 'alice' }, world);

  await expect(world.store.confirm({ ...review, proposal: null }, 'alice', nowMs)).rejects.toThrow();
  await expect(world.store.confirm(review, 'alice', nowMs)).rejects.toMatchObject({ code: 'SECOND_PERSON_NEEDED' });
  await expect(database.pool.query(`UPDATE claims.review_proposal SET state = 'decided', decided_at = now()`)).rejects.toMatchObject({
    constraint: 'review_proposal_confirmed',
  });
});

test('the plan’s limit goes before the default', async () => {
  await request('r1', 15_000, 10_000);
  await decideReview('r1', { ruling: release, by: 'alice' }, world);

  expect(await stateIn('r1')).toBe('proposed');
});

test('a proposal that is declined leaves the review open for another', async () => {
  await request('r1', 500_001);
  await expect(declineReview('r1', { by: 'bob', reason: 'x' }, world)).rejects.toMatchObject({ code: 'REVIEW_NOT_OPEN' });
  const review = await decideReview('r1', { ruling: release, by: 'alice' }, world);
  expect((await declineReview('r1', { by: 'bob', reason: 'no proof' }, world)).proposal).toBeNull();
  await expect(world.store.confirm(review, 'bob', nowMs)).rejects.toMatchObject({ code: 'REVIEW_NOT_OPEN' });

  await decideReview('r1', { ruling: denial, by: 'bob' }, world);
  await confirmReview('r1', 'alice', world);
  expect((await decided()).map(({ value }) => value.decision)).toEqual(['deny']);
});

test('who was interrupted before the publication goes on with the same decision', async () => {
  await request('r1');
  await request('r2', 500_001);
  const away = { ...world, registry: { ...world.registry, idOf: () => Promise.reject(new Error('away')) } };
  const review = await world.store.find('r1');
  await world.store.propose(review, { ruling: denial, needsSecond: false, by: 'alice', nowMs: 5 });
  await expect(decideReview('r1', { ruling: release, by: 'alice' }, away)).rejects.toThrow('away');
  await decideReview('r1', { ruling: release, by: 'alice' }, world);
  expect((await decided()).map(({ value }) => [value.decision, value.decidedAt])).toEqual([['deny', 5]]);

  const large = await world.store.propose(await world.store.find('r2'), { ruling: release, needsSecond: true, by: 'alice', nowMs: 6 });
  await world.store.confirm(large, 'bob', 7);
  await confirmReview('r2', 'bob', world);
  expect(await stateIn('r2')).toBe('published');
});

test('the claim’s identifier is seen only once the look is recorded', async () => {
  await request('r1');

  expect((await revealReview('r1', { by: 'alice', reason: 'look up' }, world)).claimId).toBe('CLM_1');
  expect(await audited()).toEqual(['reveal alice r1']);
});

test('the list tells what waits, oldest first, and what is closed', async () => {
  await request('r2');
  await request('r1');
  await request('r3');
  await database.pool.query(`UPDATE claims.review SET decided_at = now() WHERE review_id = 'r3'`);

  expect((await world.store.list('waiting')).reviews.map(({ reviewId }) => reviewId)).toEqual(['r1', 'r2']);
  expect((await world.store.list('closed')).reviews.map(({ reviewId }) => reviewId)).toEqual(['r3']);
});

test('a database that is away is told as such', async () => {
  const store = createReviewStore({ query: () => Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })) } as never);

  await expect(store.list('waiting')).rejects.toMatchObject({ code: 'DATABASE_AWAY' });
});

test('a list that is shorter than the queue says how long the queue is', async () => {
  await database.pool.query(
    `INSERT INTO claims.review (review_id, submission_id, record_key, policy_token, claim_id, reasons, charge_cents, requested_at)
     SELECT 'r' || lpad(n::text, 5, '0'), 's', 'k', '', 'c', '[]', 1, '2024-03-15' FROM generate_series(1, 1001) AS n`,
  );
  const { reviews, total } = await world.store.list('waiting');
  expect({ listed: reviews.length, last: reviews.at(-1)?.reviewId, total }).toEqual({ listed: 1000, last: 'r01000', total: 1001 });
  expect((await world.store.list('waiting', 2000)).reviews).toHaveLength(1001);
  expect(await world.store.list('closed')).toEqual({ reviews: [], total: 0 });
});
