import { expect, test } from '@jest/globals';
import { emptyTotals, type StageTotals } from '@vigil/contracts';
import type { TaskResult } from '@vigil/workflows';
import { givenOutputs, judgeBatch } from './judge-batch.ts';
import { streamStageOf, type StreamStage } from './stream-stages.ts';

const common = { name: 't', depends_on: [] } as const;
const stageOf = (spec: object): StreamStage => streamStageOf({ ...common, ...spec } as never) as StreamStage;
const received = 'claims.claim.received.v1';
const submitted = 'claims.claim.submitted.v1';
const adjudicated = 'claims.claim.adjudicated.v1';

const intake = (over: Partial<StageTotals> = {}): StageTotals => ({
  ...emptyTotals('claims-validator-intake', received),
  consumed: 10,
  processed: 7,
  duplicate: 1,
  rejected: 2,
  outputs: { [submitted]: 7, [`${received}.claims-validator-intake.dlq`]: 2 },
  ...over,
});
const adjudication = (over: Partial<StageTotals> = {}): StageTotals => ({
  ...emptyTotals('claims-validator-adjudicate', submitted),
  consumed: 7,
  processed: 7,
  outputs: { [adjudicated]: 7 },
  subStages: [
    { subStage: 'validate', consumed: 7, processed: 6, suppressed: 1 },
    { subStage: 'enrich', consumed: 6, processed: 6, suppressed: 0 },
    { subStage: 'coverage', consumed: 6, processed: 4, suppressed: 2 },
    { subStage: 'adjudicate', consumed: 4, processed: 4, suppressed: 0 },
  ],
  ...over,
});
const stored: StageTotals = {
  ...emptyTotals('warehouse-loader.operational', adjudicated),
  consumed: 7,
  processed: 7,
  outputs: { 'claims.decision': 7 },
};
const validate = stageOf({ type: 'validation', rules: [{ required_fields: ['claim_id'] }] });

test('the tasks of claims processing are parts of stages, those of patient monitoring whole stages', () => {
  const placesOf = ({ steps }: StreamStage): string[] => steps.map(({ stage, subStage }) => (subStage ? `${stage}:${subStage}` : stage));

  expect(placesOf(validate)).toEqual(['claims-validator-intake', 'claims-validator-adjudicate:validate']);
  expect(placesOf(stageOf({ type: 'transformation', enrichment_sources: ['patient_database'] }))).toEqual([
    'claims-validator-adjudicate:enrich',
  ]);
  expect(placesOf(stageOf({ type: 'business_logic', function: 'coverage_calculator' }))).toEqual(['claims-validator-adjudicate:coverage']);
  expect(placesOf(stageOf({ type: 'output', destination: 'claims_processing_system' }))).toEqual([
    'claims-validator-adjudicate:adjudicate',
    'warehouse-loader.operational',
    'warehouse-loader.operational',
  ]);
  expect(placesOf(stageOf({ type: 'streaming', source: 'medical_devices' }))).toEqual(['device-ingest']);
  expect(placesOf(stageOf({ type: 'transformation', function: 'anomaly_detection', enrichment_sources: [] }))).toEqual([
    'vitals-windowing',
  ]);
  expect(placesOf(stageOf({ type: 'alerting', conditions: [] }))).toEqual(['alert-router']);
  expect(placesOf(stageOf({ type: 'storage', destination: 'patient_monitoring_db' }))).toEqual(['warehouse-loader.operational']);
});

test('what no stage does is none of the stream', () => {
  for (const spec of [
    { type: 'batch', source: 'claims_sftp' },
    { type: 'transformation', function: 'sql_cohort', enrichment_sources: [] },
    { type: 'transformation', enrichment_sources: [] },
    { type: 'validation' },
    { type: 'output', destination: 'report' },
    { type: 'wait', duration: 1 },
  ])
    expect(streamStageOf({ ...common, ...spec } as never)).toBeUndefined();
});

test('a stage is done when all that the task before wrote is consumed along all of its steps; its counts and outputs are the result', () => {
  const { open, result } = judgeBatch([intake(), adjudication()], validate, { [received]: 10 });

  expect(open).toEqual([]);
  expect(result).toEqual({
    // 10 = 6 + 1 + 1 + 2: those that never reached the part are in the account, too.
    counts: { consumed: 10, processed: 6, suppressed: 1, late: 0, duplicate: 1, rejected: 2 },
    values: {
      outputs: { [submitted]: 7, [`${received}.claims-validator-intake.dlq`]: 2, [adjudicated]: 7 },
    },
    ref: null,
  });
});

test('a stage that has consumed less, or more, than was written is open at that step', () => {
  expect(judgeBatch([intake(), adjudication()], validate, { [received]: 12 }).open).toMatchObject([
    { step: { stage: 'claims-validator-intake', topic: received }, expected: 12, consumed: 10, isCrooked: false },
  ]);
  expect(judgeBatch([intake(), adjudication({ consumed: 8, processed: 8 })], validate, { [received]: 10 }).open).toMatchObject([
    { step: { stage: 'claims-validator-adjudicate' }, expected: 7, consumed: 8 },
  ]);
});

test('dispositions that do not add up keep a stage open, those of its part too', () => {
  const crooked = { ...adjudication(), subStages: [{ subStage: 'validate', consumed: 7, processed: 5, suppressed: 1 }] };

  expect(judgeBatch([intake({ processed: 6 }), adjudication()], validate, { [received]: 10 }).open).toMatchObject([{ isCrooked: true }]);
  expect(judgeBatch([intake(), crooked], validate, { [received]: 10 }).open).toMatchObject([{ isCrooked: true }]);
});

test('the last task waits for the rows in the database, too', () => {
  const output = stageOf({ type: 'output', destination: 'claims_processing_system' });

  expect(judgeBatch([adjudication()], output, { [submitted]: 7 }).open).toMatchObject([
    { step: { topic: adjudicated }, expected: 7, consumed: 0 },
  ]);
  expect(judgeBatch([adjudication(), stored], output, { [submitted]: 7 })).toMatchObject({
    open: [],
    result: { counts: { consumed: 4, processed: 4 } },
  });
});

test('a load of the warehouse follows visits and outcomes from both of their topics to their rows', () => {
  const [visits, outcomes] = ['ehr.visit.recorded.v1', 'trials.outcome.recorded.v1'];
  const deidentified = (topic: string, count: number): StageTotals => ({
    ...emptyTotals('deidentifier', topic),
    consumed: count,
    processed: count,
    outputs: { [`deid.${topic}`]: count },
  });
  const loaded = (topic: string, count: number): StageTotals => ({
    ...emptyTotals('warehouse-loader.warehouse', `deid.${topic}`),
    consumed: count,
    processed: count - 1,
    duplicate: 1,
  });
  const stage = stageOf({ type: 'storage', destination: 'warehouse' });
  const given = { [visits]: 5, [outcomes]: 3 };

  expect(judgeBatch([deidentified(visits, 5), deidentified(outcomes, 3), loaded(visits, 5)], stage, given).open).toMatchObject([
    { step: { stage: 'warehouse-loader.warehouse', topic: `deid.${outcomes}` }, expected: 3, consumed: 0 },
  ]);
  const all = [deidentified(visits, 5), deidentified(outcomes, 3), loaded(visits, 5), loaded(outcomes, 3)];
  expect(judgeBatch(all, stage, given)).toMatchObject({ open: [], result: { counts: { consumed: 8, processed: 6, duplicate: 2 } } });
});

test('a batch of nothing is done at once', () => {
  expect(judgeBatch([], validate, {})).toMatchObject({ open: [], result: { counts: { consumed: 0, processed: 0 } } });
});

test('what was written before comes from the outputs of the tasks before; of one that does not tell them nobody knows', () => {
  const result = (over: Partial<TaskResult>): TaskResult => ({ counts: {}, values: {}, ref: null, ...over });

  expect(
    givenOutputs({ a: result({ values: { outputs: { x: 2, y: 1 } } }), b: result({ values: { outputs: { x: 3 } } }), c: null }),
  ).toEqual({
    x: 5,
    y: 1,
  });
  expect(givenOutputs({ a: result({ counts: { written: 4 } }) })).toBeNull();
});
