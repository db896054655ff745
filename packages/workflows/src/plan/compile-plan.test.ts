import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { diffDefinitions, parseDefinition, workflowSchema } from '@vigil/definitions';
import { compilePlan } from './compile-plan.ts';
import { indexOf } from './plan-index.ts';

const version = { version: 3, sha256: 'abc' };
const planOf = (text: string) => compilePlan(parseDefinition(text, 'test.yaml', workflowSchema), version);
const fileText = (name: string): string => readFileSync(new URL(`../../../../workflows/definitions/${name}.yaml`, import.meta.url), 'utf8');

test('the claims definition becomes a plan: order, pools, and the retries and fallback of its error handling', () => {
  const plan = planOf(fileText('claims_processing_workflow'));

  expect(plan).toMatchObject({ workflow: 'claims_processing_workflow', ...version, continuous: false, timeoutMs: null, priority: 5 });
  expect(plan.tasks.map(({ name, pool, dependsOn }) => [name, pool, dependsOn])).toEqual([
    ['extract_claims', 'batch', []],
    ['validate_claims', 'stream', ['extract_claims']],
    ['enrich_claims', 'stream', ['validate_claims']],
    ['calculate_coverage', 'stream', ['enrich_claims']],
    ['generate_adjudication', 'stream', ['calculate_coverage']],
  ]);
  expect(plan.tasks[0]).toMatchObject({
    type: 'batch',
    when: [],
    retry: {
      attempts: 2,
      delayMs: 60_000,
      backoff: 'fixed',
      maxDelayMs: 3_600_000,
      jitter: 0,
      classes: ['transient', 'dependency', 'fenced', 'fatal'],
    },
    timeoutMs: null,
    fanOut: null,
    weight: { slots: 1, cpu: 0, memoryMiB: 0, io: 0 },
    fallback: 'manual_review_queue',
    onFailure: 'fail',
    spec: { source: 'claims_sftp', file_pattern: 'claims_*.json' },
  });
});

test('a workflow with a continuous schedule is a continuous run', () => {
  const plan = planOf(fileText('patient_monitoring_workflow'));

  expect(plan.continuous).toBe(true);
  expect(new Set(plan.tasks.map(({ pool }) => pool))).toEqual(new Set(['stream']));
});

test('what a task says itself goes before the error handling of the workflow', () => {
  const { tasks, timeoutMs, priority } = planOf(`
name: w
timeout: 2h
priority: 8
tasks:
  - {name: last, type: approval, message: Publish?, approvers: [compliance], timeout: 1d, depends_on: [parts, child, pause]}
  - name: parts
    type: transformation
    function: sql_cohorts
    depends_on: [list]
    when: ["list.counts.files > 0", "parameters.full == true"]
    fan_out: {from: list.files}
    retry: {attempts: 5, backoff: exponential, max_delay: 10min, jitter: 0.5, on: [dependency]}
    timeout: 5min
    on_failure: continue
    fallback_action: quarantine_data
    weight: {slots: 2, cpu: 1.5, memory: 1GiB, io: 3}
  - {name: list, type: batch, source: ehr_sftp, file_pattern: "*.csv", pool: default, fan_out: {partitions: 4}}
  - {name: child, type: workflow, workflow: other, parameters: {full: true}, fan_out: {values: [a, b]}}
  - {name: pause, type: wait, duration: 5min, when: "parameters.region == 'eu'"}
error_handling: {retry_attempts: 2, retry_delay: 1min, fallback_action: manual_review_queue, on_failure: skip}
`);
  const task = (name: string) => tasks.find((planned) => planned.name === name);

  expect({ timeoutMs, priority }).toEqual({ timeoutMs: 7_200_000, priority: 8 });
  expect(tasks.map(({ name }) => name)).toEqual(['list', 'child', 'pause', 'parts', 'last']);
  expect(task('parts')).toMatchObject({
    pool: 'default',
    when: [
      { left: ['list', 'counts', 'files'], operator: '>', right: 0 },
      { left: ['parameters', 'full'], operator: '==', right: true },
    ],
    fanOut: { over: 'result', task: 'list', field: 'files' },
    retry: { attempts: 5, delayMs: 60_000, backoff: 'exponential', maxDelayMs: 600_000, jitter: 0.5, classes: ['dependency'] },
    timeoutMs: 300_000,
    onFailure: 'continue',
    fallback: 'quarantine_data',
    weight: { slots: 2, cpu: 1.5, memoryMiB: 1024, io: 3 },
  });
  expect(task('list')).toMatchObject({ pool: 'default', fanOut: { over: 'count', count: 4 }, onFailure: 'skip' });
  expect(task('child')).toMatchObject({
    pool: null,
    fallback: null,
    retry: { attempts: 2 },
    fanOut: { over: 'values', values: ['a', 'b'] },
  });
  expect(task('last')).toMatchObject({ pool: null, timeoutMs: 86_400_000, retry: { attempts: 0 } });
  expect(task('pause')).toMatchObject({ when: [{ left: ['parameters', 'region'], operator: '==', right: 'eu' }] });
});

test.each([
  ['business logic of its own', 'type: business_logic, function: score_patients', 'default'],
  ['coverage, a stage of the stream', 'type: business_logic, function: coverage_calculator', 'stream'],
  ['a limit of quality', 'type: validation, quality: {minimum_score: 0.9}', 'default'],
  ['rules of the stream', 'type: validation, rules: [{amount_range: [0, 1]}]', 'stream'],
  ['a table that the stream fills', 'type: storage, destination: warehouse', 'stream'],
  ['a report', 'type: output, destination: report_archive', 'default'],
])('%s runs where it can be done', (_what, fields, pool) => {
  expect(planOf(`{name: w, tasks: [{name: t, ${fields}}]}`).tasks[0]?.pool).toBe(pool);
});

test('a task is the same to a run that moves exactly where the difference of two versions says so', () => {
  const textOf = (first: string, second: string): string =>
    `name: w\ntasks:\n  - {name: a, type: batch, source: s, file_pattern: "*", ${first}}\n  - {name: b, type: wait, ${second}}\n`;
  const before = textOf('pool: batch, retry: {attempts: 1}', 'duration: 1s');
  const around = 'pool: default, retry: {attempts: 2}, timeout: 2h, weight: {cpu: 1}, on_failure: skip, fallback_action: quarantine_data';
  const changes: [string, string[]][] = [
    [textOf(`${around}, description: d`, 'duration: 1s, timeout: 2s'), ['a', 'b']],
    [textOf('format: csv', 'duration: 1s'), ['b']],
    [textOf('when: parameters.full == true', 'duration: 2s'), []],
    [textOf('fan_out: {partitions: 2}', 'duration: 1s'), ['b']],
  ];
  const definitionOf = (text: string) => parseDefinition(text, 'test.yaml', workflowSchema);
  const fingerprints = (text: string) => {
    const plan = planOf(text);
    return new Map(plan.tasks.map((task) => [task.name, indexOf(plan).fingerprintOf(task)]));
  };
  for (const [after, same] of changes) {
    const kept = [...fingerprints(after)].filter(([name, fingerprint]) => fingerprints(before).get(name) === fingerprint);
    expect(kept.map(([name]) => name)).toEqual(same);
    expect(diffDefinitions(definitionOf(before), definitionOf(after)).unchangedTasks).toEqual(same);
  }
});
