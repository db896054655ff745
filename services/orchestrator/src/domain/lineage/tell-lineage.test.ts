import { expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { decide, type RunInput, type RunPlan, type RunState, type TaskResult } from '@vigil/workflows';
import { aPlan } from '../../../../../packages/workflows/src/plan/plan.fixture.ts';
import { runEventSpec } from '../../../test-support/openlineage-spec.ts';
import type { RunEvent } from './run-event.ts';
import { createTellLineage, lineageOfStep } from './tell-lineage.ts';

const namespaces = { jobs: 'vigil', kafka: 'kafka://k:9092', postgres: 'postgres://p:5432' };
const runId = '0191d0c1-0000-7000-8000-000000000001';
const plan = aPlan([
  { name: 'extract', type: 'batch', spec: { source: 'ehr_sftp', file_pattern: 'visits_*.csv' }, retry: { attempts: 1, delayMs: 1000, backoff: 'fixed', maxDelayMs: 1000, jitter: 0, classes: ['transient'] } },
  { name: 'ask', type: 'approval', dependsOn: ['extract'] },
]); // prettier-ignore

/** A run that inputs are given to; `epoch` of the extract task is filled in. */
function aRun(of: RunPlan = plan) {
  let state: RunState | null = null;
  let atMs = Date.UTC(2024, 2, 15);
  const give = (input: Readonly<Record<string, unknown>>): readonly RunEvent[] => {
    const epoch = state?.tasks['extract']?.parts[0]?.epoch ?? 0;
    const full = { atMs: (atMs += 1000), task: 'extract', part: 0, epoch, ...input } as unknown as RunInput;
    const before = state;
    const step = decide(of, before, full);
    ({ state } = step);
    const events = lineageOfStep({ plan: of, input: full, before, step }, namespaces);
    for (const event of events) runEventSpec.parse(JSON.parse(JSON.stringify(event)));
    return events;
  };
  const parameters = { scheduled_for: '2024-03-15T00:00:00Z' };
  return { give, begin: () => give({ kind: 'requested', runId, batchId: 'b', parameters }) };
}
const told = (events: readonly RunEvent[]) => events.map(({ eventType, job }) => `${eventType} ${job.name}`);
const started = { kind: 'started', attempt: 1, worker: 'w1' };
const failed = (kind: string) => ({ kind: 'failed', error: { code: 'SOURCE_AWAY', kind, detail: 'The source does not answer.' } });
const result: TaskResult = {
  counts: { written: 2 },
  values: {
    lineage: {
      inputs: [{ kind: 'file', name: 'ehr_sftp/f1', rows: 3, bytes: 99, columns: { patient_id: { nullCount: 1, count: 2 } } }],
      outputs: [{ kind: 'topic', name: 'ehr.visit.recorded.v1', rows: 2 }, { kind: 'table', name: 'vigil_warehouse.warehouse.fact_visit', rows: 2, bytes: 10 }, { kind: 'other' }, null],
    },
  },
  ref: null,
}; // prettier-ignore

test('a run and each of its attempts begin and end with an event of their own, in order', () => {
  const { give, begin } = aRun();

  expect(told(begin())).toEqual(['START nightly']);
  expect(told(give(started))).toEqual(['START nightly.extract']);
  expect(told(give({ kind: 'progressed', counts: {}, health: null }))).toEqual([]);
  expect(told(give(failed('transient')))).toEqual(['FAIL nightly.extract']);
  expect(told(give({ kind: 'timer', timer: { kind: 'retry', task: 'extract', part: 0, epoch: 1 } }))).toEqual([]);
  expect(told(give({ ...started, attempt: 2 }))).toEqual(['START nightly.extract']);
  expect(told(give({ kind: 'succeeded', result }))).toEqual(['COMPLETE nightly.extract']);
  expect(told(give({ kind: 'approved', task: 'ask', by: 'ann', reason: '' }))).toEqual(['COMPLETE nightly']);
  expect(told(give({ kind: 'succeeded', result }))).toEqual([]);
});

test('an attempt names its run as parent, when it was due, and what it read and wrote', () => {
  const { give, begin } = aRun();
  const [run] = begin();
  const [start] = give(started);
  const [end] = give({ kind: 'succeeded', result });

  expect(run!.run.runId).toBe(runId);
  expect(start!.run.runId).toBe(end!.run.runId);
  expect(start).toMatchObject({
    run: { facets: { parent: { run: { runId }, job: { namespace: 'vigil', name: 'nightly' } }, nominalTime: { nominalStartTime: '2024-03-15T00:00:00.000Z' } } },
    inputs: [{ namespace: 'vigil://sources', name: 'ehr_sftp/visits_*.csv' }],
    outputs: [],
  }); // prettier-ignore
  expect(end).toMatchObject({
    inputs: [{}, { namespace: 'vigil://files', name: 'ehr_sftp/f1', inputFacets: { dataQualityMetrics: { rowCount: 3, bytes: 99, columnMetrics: { patient_id: { nullCount: 1, count: 2 } } } } }],
    outputs: [
      { namespace: 'kafka://k:9092', name: 'ehr.visit.recorded.v1', outputFacets: { outputStatistics: { rowCount: 2 } } },
      { namespace: 'postgres://p:5432', name: 'vigil_warehouse.warehouse.fact_visit', outputFacets: { outputStatistics: { rowCount: 2, size: 10 } } },
    ],
  }); // prettier-ignore
  expect(end!.outputs[0]!.facets!['schema']).toMatchObject({ fields: expect.arrayContaining([{ name: 'visitId', type: 'string' }]) });
  expect(end!.outputs).toHaveLength(2);
});

test('what failed for good fails its run, with the sentence people read; what was lost is aborted', () => {
  const failing = aRun();
  failing.begin();
  failing.give(started);
  const events = failing.give(failed('poison'));
  expect(told(events)).toEqual(['FAIL nightly.extract', 'FAIL nightly']);
  expect(events[0]!.run.facets['errorMessage']).toMatchObject({ message: 'SOURCE_AWAY: The source does not answer.' });

  const losing = aRun();
  losing.begin();
  losing.give(started);
  expect(told(losing.give({ kind: 'lost' }))).toEqual(['ABORT nightly.extract']);
  expect(told(losing.give({ kind: 'cancel', by: 'ann', reason: 'enough' }))).toEqual([]);
  expect(told(losing.give({ kind: 'stopped' }))).toEqual(['ABORT nightly']);
});

test('an attempt that was told to stop ends once, and a repeated run begins anew under the ids of new epochs', () => {
  const { give, begin } = aRun();
  begin();
  const [first] = give(started);
  expect(told(give({ kind: 'cancel', by: 'ann', reason: 'enough' }))).toEqual([]);
  expect(told(give({ kind: 'stopped' }))).toEqual(['ABORT nightly.extract', 'ABORT nightly']);
  expect(told(give({ kind: 'rerun', task: 'extract', by: 'ann', reason: 'again' }))).toEqual(['START nightly']);
  const [second] = give(started);
  expect(second!.eventType).toBe('START');
  expect(second!.run.runId).not.toBe(first!.run.runId);
});

test('events go out as messages of their topic, keyed by the run they are of', () => {
  const input: RunInput = { kind: 'requested', atMs: 5, runId, batchId: 'b', parameters: {} };
  const step = decide(plan, null, input);
  const [message] = createTellLineage(namespaces)([{ plan, input, before: null, step }]);

  expect(message).toMatchObject({
    topic: topics.lineageRunEmitted.name,
    key: runId,
    value: { runId, eventType: 'START', eventTime: 5, job: 'vigil/nightly' },
  });
});
