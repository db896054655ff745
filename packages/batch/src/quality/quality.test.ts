import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { BatchProgressed } from '@vigil/contracts';
import { createTrialMapper } from '../mappers/map-trial.ts';
import { createVisitMapper } from '../mappers/map-visit.ts';
import { DistinctCounter } from './distinct-counter.ts';
import { QualityProfile } from './quality-profile.ts';
import { driftOf, medianOf, shortfallsOf } from './quality-score.ts';
import { trialQuality, visitQuality } from './record-plans.ts';
import { StreamScorer } from './stream-score.ts';

const asOfMs = Date.UTC(2024, 3, 1);
const rules = {
  tokenKey: { id: 't1', secret: Buffer.alloc(32, 1) },
  dataKey: { id: 'k1', secret: Buffer.alloc(32, 2) },
  random: randomBytes,
  source: 's',
  fileId: 'f',
  startedAtMs: asOfMs,
};
const aVisit = {
  patient_id: 'PAT_1',
  visit_date: '2024-03-15',
  diagnosis_code: 'I10',
  diagnosis_description: 'Essential hypertension',
  treatment_code: 'MED001',
  physician_id: 'DOC_1',
  department: 'Cardiology',
};

function profileOf(changes: readonly Readonly<Record<string, string>>[]) {
  const map = createVisitMapper(rules);
  const profile = new QualityProfile(visitQuality, asOfMs);
  for (const [index, changed] of changes.entries()) {
    const row = { ...aVisit, ...changed };
    profile.observe(row, map({ item: row, line: index + 2, position: '', place: '' }));
  }
  const scores = profile.scores();
  return { metrics: profile.metrics(), whole: scores[0]!, column: (name: string) => scores.find(({ column }) => column === name)! };
}

test('a file without fault scores 1, and so does an empty one', () => {
  expect(profileOf([{}, { visit_date: '2024-03-16' }]).whole).toMatchObject({ records: 2, score: 1 });
  expect(profileOf([]).whole).toMatchObject({ records: 0, score: 1 });
});

test('each dimension counts its own faults, and the score is their product', () => {
  const { whole, column, metrics } = profileOf([
    {},
    {}, // the same visit again
    { department: '', visit_date: '2024-03-16' }, // one of 8 × 5 required values is missing
    { visit_date: '15.03.2024' }, // invalid
    { patient_id: '' }, // missing, so incomplete and not invalid as well
    { diagnosis_description: '', visit_date: '2024-03-17' }, // a code without its words
    { visit_date: '2024-01-01' }, // 91 days before
    { visit_date: '2024-03-18' },
  ]);

  // Ids are told by the 6 rows that were mapped: 5 of them differ.
  const expected = { completeness: 38 / 40, validity: 7 / 8, uniqueness: 5 / 6, consistency: 7 / 8, timeliness: 7 / 8 };
  expect(whole).toMatchObject({ column: '', records: 8, ...expected });
  expect(whole.score).toBeCloseTo((38 / 40) * (7 / 8) ** 3 * (5 / 6), 12);
  expect(column('visit_date')).toMatchObject({ completeness: 1, validity: 7 / 8, score: 7 / 8 });
  expect(column('department')).toMatchObject({ completeness: 7 / 8, validity: 1 });
  expect(metrics).toMatchObject({ rows: 8, columns: { department: { nullCount: 1, count: 7 }, visit_date: { nullCount: 0, count: 8 } } });
  expect(column('treatment_code')).toMatchObject({ completeness: 1, score: 1 });
});

test('a participant who completed without an endpoint does not agree; changes of one row are no repeats', () => {
  const map = createTrialMapper(rules);
  const profile = new QualityProfile(trialQuality, asOfMs);
  const row = { trial_id: 'T', patient_id: 'P', enrollment_date: '2024-01-01', treatment_arm: 'A', completion_status: 'completed' };
  for (const [change, primary] of [['snapshot', '1.5'], ['update', '2.5'], ['update', null], ['snapshot', '1.5']] as const) {
    const item = { change, row: { ...row, primary_endpoint_value: primary }, position: '', place: '', changedAtMs: null };
    profile.observe(item, map({ item, line: 0, position: '', place: '' }));
  }
  expect(profile.scores()[0]).toMatchObject({ completeness: 1, uniqueness: 1 / 2, consistency: 3 / 4, timeliness: 1 });
}); // prettier-ignore

test('keys are counted exactly while they are few, and within a few percent when they are many', () => {
  const few = new DistinctCounter();
  for (const key of ['a', 'b', 'a', 'c', 'a']) few.add(key);
  expect([few.distinct, few.added]).toEqual([3, 5]);

  const many = new DistinctCounter();
  for (let n = 0; n < 260_000; n++) many.add(`key ${n}`);
  expect(many.distinct).toBe(260_000);
  for (let n = 0; n < 260_000; n++) many.add(`key ${n}`);
  expect(many.added).toBe(520_000);
  expect(Math.abs(many.distinct / 260_000 - 1)).toBeLessThan(0.04);
});

test('drift is told in deviations from the median of at least five, and one bad file in the history changes little', () => {
  expect(medianOf([3, 1, 2])).toBe(2);
  expect(medianOf([4, 1, 2, 3])).toBe(2.5);
  expect(driftOf(0.5, [1, 1, 1, 1])).toBe(0);
  // No spread: in steps of half a percent.
  expect(driftOf(0.98, [1, 1, 1, 1, 1])).toBeCloseTo(-4, 9);
  // Median 0.9, absolute deviations 0.1, 0.02, 0, 0.02, 0.8: their median is 0.02.
  expect(driftOf(0.8, [1, 0.92, 0.9, 0.88, 0.1])).toBeCloseTo(-0.1 / (1.4826 * 0.02), 9);
});

test('the whole and each named column have limits of their own', () => {
  const scores = [{ column: '', score: 0.96999, drift: -3.01 }, { column: 'visit_date', score: 0.97, drift: -9 }, { column: 'constructor', score: 0.1, drift: 0 }];
  const limits = { minimumScore: 0.95, columns: {}, mostDrift: null };

  expect(shortfallsOf(scores, limits)).toEqual([]);
  // Rounded down: what is below its limit does not read as if it were at it.
  expect(shortfallsOf(scores, { ...limits, minimumScore: 0.97, columns: { visit_date: 0.99 } })).toEqual([
    { column: '', text: 'score 0.9699 below 0.97' },
    { column: 'visit_date', text: 'visit_date 0.97 below 0.99' },
  ]);
  expect(shortfallsOf(scores, { ...limits, mostDrift: 3 })).toEqual([{ column: '', text: 'score 0.9699, 3.1 deviations below its history, at most 3' }]);
  expect(shortfallsOf(scores, { ...limits, mostDrift: 3.01 })).toEqual([]);
}); // prettier-ignore

const aLedgerRow = (changed: Partial<BatchProgressed>): BatchProgressed => ({
  stage: 'device-ingest',
  subStage: '',
  topic: 'vitals.reading.received.v1',
  partition: 0,
  firstOffset: 0,
  lastOffset: 9,
  batchId: null,
  consumed: 10,
  processed: 10,
  late: 0,
  lateCorrected: 0,
  duplicate: 0,
  rejected: 0,
  suppressed: 0,
  outputs: {},
  tablePositions: {},
  committedAt: Date.UTC(2024, 2, 15, 14, 30),
  ...changed,
});

test('an hour of a stream is judged by what its first stage did with it', () => {
  const received = 'vitals.reading.received.v1';
  const scorer = new StreamScorer({ [received]: 'device-ingest' });
  for (const row of [
    aLedgerRow({ processed: 7, duplicate: 1, rejected: 2 }),
    aLedgerRow({ firstOffset: 10, committedAt: Date.UTC(2024, 2, 15, 14, 59, 59, 999), processed: 8, late: 1 }),
    aLedgerRow({ committedAt: Date.UTC(2024, 2, 15, 15) }),
    aLedgerRow({ stage: 'warehouse-loader.archive', rejected: 9 }),
    aLedgerRow({ subStage: 'tick', rejected: 9 }),
    aLedgerRow({ topic: 'constructor', rejected: 9 }),
  ])
    scorer.add(row);

  expect(scorer.scores()).toMatchObject([
    // 20 consumed: 2 rejected, 1 repeated, 1 late, 1 unaccounted for.
    { topic: received, period: '2024-03-15T14:00:00Z', score: { records: 20, validity: 0.9, uniqueness: 0.95, timeliness: 0.95, consistency: 0.95 } },
    { topic: received, period: '2024-03-15T15:00:00Z', score: { records: 10, score: 1 } },
  ]);
}); // prettier-ignore
