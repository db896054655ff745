import type { RetryPolicy } from '../../plan/run-plan.ts';
import { aPlan } from '../../plan/plan.fixture.ts';
import { childRunIdOf } from '../request-part.ts';
import {
  control,
  decided,
  fired,
  firedOf,
  requested,
  rerun,
  resultWith,
  startMs,
  succeeded,
  type Given,
  type History,
} from './history.fixture.ts';

const runId = '00000000-0000-8000-8000-000000000001';
const once: RetryPolicy = { attempts: 1, delayMs: 0, backoff: 'fixed', maxDelayMs: 0, jitter: 0, classes: ['dependency'] };
const ask = { name: 'ask', type: 'approval', spec: { message: 'Load the claims?', approvers: ['claims_lead'] } };

const childEnded = (part: number, epoch: number, status: 'succeeded' | 'failed' | 'cancelled'): Given => ({
  kind: 'child-ended',
  task: 'call',
  part,
  childRunId: childRunIdOf(runId, 'call', part, epoch),
  status,
  result: status === 'succeeded' ? resultWith({ rows: part + 1 }) : null,
});

export const ownWorkHistories: readonly History[] = [
  {
    shape: 'approval',
    text: 'A person says yes, and what depends on it runs.',
    plan: aPlan([
      { ...ask, timeoutMs: 60_000 },
      { name: 'load', dependsOn: ['ask'] },
    ]),
    steps: [
      [requested(), 'ask-approval ask', 'set approval ask +60000'],
      [decided('approved', 'ask'), 'clear approval ask', 'enqueue load/0@1'],
      [decided('declined', 'ask'), '- not-now'],
      [decided('approved', 'nobody'), '- no-such-task'],
      [{ kind: 'succeeded', task: 'load', part: 0, epoch: 1, result: resultWith({}) }, 'run-ended succeeded {}'],
    ],
    ends: { run: 'succeeded', ask: 'succeeded', load: 'succeeded' },
  },
  {
    shape: 'approval-declined',
    text: 'A person says no: the task has failed, nothing behind it runs.',
    plan: aPlan([ask, { name: 'load', dependsOn: ['ask'] }]),
    steps: [
      [requested(), 'ask-approval ask'],
      [decided('declined', 'ask'), 'run-ended failed {}'],
    ],
    ends: { run: 'failed', ask: 'failed', load: 'skipped' },
  },
  {
    shape: 'approval-timeout',
    text: 'Nobody answers: the question is withdrawn, the task has failed.',
    plan: aPlan([{ ...ask, timeoutMs: 60_000 }]),
    steps: [
      [requested(), 'ask-approval ask', 'set approval ask +60000'],
      [firedOf({ kind: 'approval', task: 'ask' }, 60_000), 'withdraw-approval ask', 'run-ended failed {}'],
    ],
    ends: { run: 'failed', ask: 'failed' },
  },
  {
    shape: 'failure-withdraws-what-waits',
    text: 'Another task fails: the question and the wait beside it are not kept open.',
    plan: aPlan([{ ...ask, timeoutMs: 60_000 }, { name: 'night', type: 'wait', spec: { duration: 3_600_000 } }, { name: 'a' }]),
    steps: [
      [requested(), 'ask-approval ask', 'set approval ask +60000', 'set wait night +3600000', 'enqueue a/0@1'],
      [
        { kind: 'failed', task: 'a', part: 0, epoch: 1, error: { code: 'UNKNOWN', kind: 'fatal', detail: 'It failed.' } },
        'withdraw-approval ask',
        'clear approval ask',
        'clear wait night',
        'run-ended failed {}',
      ],
    ],
    ends: { run: 'failed', ask: 'skipped', night: 'skipped', a: 'failed' },
  },
  {
    shape: 'cancel-withdraws-what-waits',
    text: 'Cancelled while it waits for a person and for a time: it ends at once.',
    plan: aPlan([ask, { name: 'night', type: 'wait', spec: { duration: 3_600_000 } }], { timeoutMs: 7_200_000 }),
    steps: [
      [requested(), 'set run +7200000', 'ask-approval ask', 'set wait night +3600000'],
      [control('cancel'), 'clear run', 'withdraw-approval ask', 'clear wait night', 'run-ended cancelled {}'],
    ],
    ends: { run: 'cancelled', ask: 'cancelled', night: 'cancelled' },
  },
  {
    shape: 'held-result',
    text: 'What a worker gave asks for a person: approved it keeps its result and the run goes on; nothing behind it begins before.',
    plan: aPlan([
      { name: 'check', type: 'validation', timeoutMs: 60_000 },
      { name: 'load', dependsOn: ['check'] },
    ]),
    steps: [
      [requested(), 'enqueue check/0@1'],
      [succeeded('check', resultWith({ rows: 3 }, { hold: 'Its score is below the limit.' })), 'ask-approval check'],
      [succeeded('check'), '- not-now'],
      [decided('approved', 'check'), 'enqueue load/0@1'],
      [succeeded('load'), 'run-ended succeeded {}'],
    ],
    ends: { run: 'succeeded', check: 'succeeded', load: 'succeeded' },
  },
  {
    shape: 'held-result-declined',
    text: 'Declined it has failed; a re-run does its work again.',
    plan: aPlan([{ name: 'check', type: 'validation' }]),
    steps: [
      [requested(), 'enqueue check/0@1'],
      [succeeded('check', resultWith({}, { hold: 'Its score is below the limit.' })), 'ask-approval check'],
      [decided('declined', 'check'), 'run-ended failed {}'],
      [rerun('check'), 'enqueue check/0@2'],
      [succeeded('check@2'), 'run-ended succeeded {}'],
    ],
    ends: { run: 'succeeded', check: 'succeeded' },
  },
  {
    shape: 'held-result-cancelled',
    text: 'A run that is being cancelled asks nobody: what its last attempt gave is kept as it is.',
    plan: aPlan([{ name: 'check', type: 'validation' }]),
    steps: [
      [requested(), 'enqueue check/0@1'],
      [control('cancel'), 'withdraw check/0@1', 'set timeout check/0@1 +61000'],
      [succeeded('check', resultWith({}, { hold: 'Its score is below the limit.' })), 'clear timeout check/0@1', 'run-ended cancelled {}'],
    ],
    ends: { run: 'cancelled', check: 'succeeded' },
  },
  {
    shape: 'wait',
    text: 'For a time, until a time, and until one that is over.',
    plan: aPlan([
      { name: 'pause', type: 'wait', spec: { duration: 5000 } },
      { name: 'night', type: 'wait', spec: { until: new Date(startMs + 8000).toISOString() }, dependsOn: ['pause'] },
      { name: 'past', type: 'wait', spec: { until: '2020-01-01T00:00:00Z' }, dependsOn: ['night'] },
    ]),
    steps: [
      [requested(), 'set wait pause +5000'],
      [firedOf({ kind: 'wait', task: 'pause' }, 5000), 'set wait night +8000'],
      [firedOf({ kind: 'wait', task: 'pause' }, 5001), '- not-now'],
      [firedOf({ kind: 'wait', task: 'night' }, 8000), 'run-ended succeeded {}'],
    ],
    ends: { run: 'succeeded', pause: 'succeeded', night: 'succeeded', past: 'succeeded' },
  },
  {
    shape: 'child',
    text: 'A task that is a run of another workflow: its result is that run’s; reports of workers about it do not count.',
    plan: aPlan([{ name: 'call', type: 'workflow', spec: { workflow: 'research_analytics', parameters: { full: true } } }]),
    steps: [
      [requested(), 'start-run call/0 research_analytics {"full":true}'],
      [{ kind: 'succeeded', task: 'call', part: 0, epoch: 1, result: resultWith({}) }, '- not-now'],
      [childEnded(0, 9, 'succeeded'), '- stale-epoch'],
      [childEnded(0, 1, 'succeeded'), 'run-ended succeeded {"rows":1}'],
      [childEnded(0, 1, 'succeeded'), '- run-has-ended'],
    ],
    ends: { run: 'succeeded', call: 'succeeded' },
  },
  {
    shape: 'child-failed',
    text: 'A run for each site; one fails and is tried once more, as another run.',
    plan: aPlan([
      {
        name: 'call',
        type: 'workflow',
        spec: { workflow: 'site_report', parameters: {} },
        fanOut: { over: 'values', values: ['north', 'south'] },
        retry: once,
      },
    ]),
    steps: [
      [requested(), 'start-run call/0 site_report {"part_key":"north"}', 'start-run call/1 site_report {"part_key":"south"}'],
      [childEnded(1, 1, 'failed'), 'start-run call/1 site_report {"part_key":"south"}'],
      [childEnded(1, 1, 'succeeded'), '- stale-epoch'],
      [childEnded(0, 1, 'succeeded')],
      [childEnded(0, 1, 'failed'), '- not-now'],
      [childEnded(1, 2, 'cancelled'), 'run-ended failed {}'],
    ],
    ends: { run: 'failed', call: 'failed' },
  },
  {
    shape: 'child-cancelled',
    text: 'Cancelling a run cancels the run that it started, and waits for its end.',
    plan: aPlan([{ name: 'call', type: 'workflow', spec: { workflow: 'site_report', parameters: {} }, timeoutMs: 60_000 }]),
    steps: [
      [requested(), 'start-run call/0 site_report {}', 'set timeout call/0@1 +60000'],
      [control('cancel'), 'clear timeout call/0@1', 'cancel-run'],
      [childEnded(0, 1, 'cancelled'), 'run-ended cancelled {}'],
    ],
    ends: { run: 'cancelled', call: 'cancelled' },
  },
  {
    shape: 'child-timeout',
    text: 'The run that a task started takes too long: it is cancelled, and the task has failed.',
    plan: aPlan([{ name: 'call', type: 'workflow', spec: { workflow: 'site_report', parameters: {} }, timeoutMs: 60_000 }]),
    steps: [
      [requested(), 'start-run call/0 site_report {}', 'set timeout call/0@1 +60000'],
      [fired('timeout', 'call', 60_000), 'clear timeout call/0@1', 'cancel-run'],
      [fired('timeout', 'call', 60_500), '- not-now'],
      [childEnded(0, 1, 'cancelled'), 'run-ended failed {}'],
    ],
    ends: { run: 'failed', call: 'failed' },
  },
];
