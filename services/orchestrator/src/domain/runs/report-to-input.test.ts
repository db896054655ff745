import { expect, test } from '@jest/globals';
import type { TaskReported } from '@vigil/contracts';
import { reportToInput } from './report-to-input.ts';

const runId = '00000000-0000-4000-8000-000000000001';
const report = (given: Partial<TaskReported>): TaskReported => ({
  messageId: 'm1',
  kind: 'started',
  worker: 'default@host/1',
  runId,
  task: 'extract',
  part: 2,
  attempt: 1,
  epoch: 7,
  leases: [],
  leaseMs: 15_000,
  result: '',
  resultRef: null,
  counts: {},
  health: null,
  errorCode: '',
  errorClass: '',
  detail: '',
  reportedAt: 1,
  ...given,
});
const about = { task: 'extract', part: 2, epoch: 7 };
const inputOf = (given: Partial<TaskReported>) => reportToInput(report(given))?.input;

test('each kind of report is one input of its run, under its message id', () => {
  expect(reportToInput(report({}))).toEqual({
    runId,
    messageId: 'm1',
    input: { kind: 'started', ...about, attempt: 1, worker: 'default@host/1' },
  });
  expect(inputOf({ kind: 'cancelled' })).toEqual({ kind: 'stopped', ...about });
  expect(inputOf({ kind: 'progressed', counts: { read: 3 }, health: 'behind' })).toEqual({
    kind: 'progressed',
    ...about,
    counts: { read: 3 },
    health: 'behind',
  });
  expect(inputOf({ kind: 'progressed', health: 'excellent' })).toMatchObject({ health: null });
});

test('a result is its counts and values, and where values are kept that are too large', () => {
  expect(inputOf({ kind: 'succeeded', counts: { read: 3 } })).toMatchObject({ result: { counts: { read: 3 }, values: {}, ref: null } });
  const result = JSON.stringify({ counts: { ok: 2 }, values: { files: ['a'] }, ref: null });
  expect(inputOf({ kind: 'succeeded', result, counts: { read: 3 } })).toMatchObject({
    result: { counts: { read: 3, ok: 2 }, values: { files: ['a'] }, ref: null },
  });
  expect(inputOf({ kind: 'succeeded', result: JSON.stringify({ counts: {} }), resultRef: 'p-1' })).toMatchObject({
    result: { values: {}, ref: 'p-1' },
  });
});

test('a failure keeps its code and class; one of no known class counts as a fault of our own', () => {
  expect(inputOf({ kind: 'failed', errorCode: 'SOURCE_AWAY', errorClass: 'dependency', detail: 'It is away.' })).toEqual({
    kind: 'failed',
    ...about,
    error: { code: 'SOURCE_AWAY', kind: 'dependency', detail: 'It is away.' },
  });
  expect(inputOf({ kind: 'failed', errorClass: 'odd' })).toMatchObject({ error: { code: 'UNKNOWN', kind: 'fatal' } });
});

test.each([
  ['a kind that is not known', { kind: 'sang' }],
  ['a run id that is none', { runId: 'nightly' }],
  ['a result that is not JSON', { kind: 'succeeded', result: '{' }],
])('%s means nothing', (_what, given) => {
  expect(reportToInput(report(given))).toBeNull();
});

test('a report without a message id is taken as it comes', () => {
  expect(reportToInput(report({ messageId: '' }))?.messageId).toBeNull();
});
