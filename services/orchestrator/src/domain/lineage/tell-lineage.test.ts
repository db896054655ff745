import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { decide, type RunInput } from '@vigil/workflows';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { traceparentOf } from '../runs/request-of.ts';
import { runTraceparentOf } from '../traces/run-traceparent.ts';
import { aLineageRun, beganAtMs, failed, namespaces, plan, result, runId, started } from './lineage.fixture.ts';
import type { RunEvent } from './run-event.ts';
import { createTellLineage } from './tell-lineage.ts';

const traceFacetSchemaFile = join(import.meta.dirname, '../../../../../docs/reference/trace-run-facet.json');
const told = (events: readonly RunEvent[]) => events.map(({ eventType, job }) => `${eventType} ${job.name}`);

test('a run and each of its attempts begin and end with an event of their own, in order', () => {
  const { give, begin } = aLineageRun();

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
  const { give, begin } = aLineageRun();
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
  const failing = aLineageRun();
  failing.begin();
  failing.give(started);
  const events = failing.give(failed('poison'));
  expect(told(events)).toEqual(['FAIL nightly.extract', 'FAIL nightly']);
  expect(events[0]!.run.facets['errorMessage']).toMatchObject({ message: 'SOURCE_AWAY: The source does not answer.' });

  const losing = aLineageRun();
  losing.begin();
  losing.give(started);
  expect(told(losing.give({ kind: 'lost' }))).toEqual(['ABORT nightly.extract']);
  expect(told(losing.give({ kind: 'cancel', by: 'ann', reason: 'enough' }))).toEqual([]);
  expect(told(losing.give({ kind: 'stopped' }))).toEqual(['ABORT nightly']);
});

test('an attempt that was told to stop ends once, and a repeated run begins anew under the ids of new epochs', () => {
  const { give, begin } = aLineageRun();
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
  const [message] = createTellLineage(namespaces)([{ plan, input, before: null, step, scheduledForMs: null }]);

  expect(message).toMatchObject({
    topic: topics.lineageRunEmitted.name,
    key: runId,
    value: { runId, eventType: 'START', eventTime: 5, job: 'vigil/nightly' },
  });
});

test('a run that no schedule began has no nominal time, whatever its parameters are called', () => {
  const { give } = aLineageRun(plan, null);
  const [run] = give({ kind: 'requested', runId, batchId: 'b', parameters: { scheduled_for: '2024-03-15T00:00:00Z' } });

  expect(run!.run.facets['nominalTime']).toBeUndefined();
});

test('runs and attempts tell where their spans are, and a run when it began', () => {
  const { give, begin } = aLineageRun();
  const [run] = begin();
  const [attempt] = give(started);
  const traceOf = ({ run: { facets } }: RunEvent) => facets['vigil_trace'] as unknown as { traceId: string; spanId: string };

  expect(traceOf(run!)).toMatchObject({ startTime: new Date(beganAtMs).toISOString() });
  for (const [event, traceparent] of [
    [run!, runTraceparentOf(runId)],
    [attempt!, traceparentOf(runId, { task: 'extract', part: 0, epoch: 1 })],
  ] as const)
    expect(`00-${traceOf(event).traceId}-${traceOf(event).spanId}-01`).toBe(traceparent);
});

test('the facet of traces is as its published schema says', () => {
  const ajv = new Ajv2020();
  (addFormats as unknown as (to: Ajv2020) => void)(ajv);
  const isValid = ajv.compile(JSON.parse(readFileSync(traceFacetSchemaFile, 'utf8')) as object);
  const { give, begin } = aLineageRun();
  for (const { run } of [...begin(), ...give(started)]) expect([isValid(run.facets), isValid.errors]).toEqual([true, null]);

  expect(isValid({ vigil_trace: { traceId: 'no' } })).toBe(false);
});

test('a workflow that never ends is told as streaming, with its tasks', () => {
  const { give, begin } = aLineageRun({ ...plan, continuous: true });

  for (const { job } of [...begin(), ...give(started)]) expect(job.facets['jobType']).toMatchObject({ processingType: 'STREAMING' });
});
