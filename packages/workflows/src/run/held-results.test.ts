import { expect, test } from '@jest/globals';
import { aPlan } from '../plan/plan.fixture.ts';
import { decide, type Step } from './decide.ts';
import type { RunInput } from './run-input.ts';

const plan = aPlan([
  { name: 'check', type: 'validation' },
  { name: 'load', dependsOn: ['check'] },
]);
const hold = 'Quality is below its limit.';
const result = { counts: { files: 1 }, values: { hold, score: 0.5 }, ref: null };

/** A run whose first task gave a result that a person has to look at, and what came after that. */
function heldRun(...then: readonly RunInput[]): Step {
  const requested: RunInput = { kind: 'requested', atMs: 1, runId: 'r', batchId: 'b', parameters: {} };
  let step = decide(plan, null, requested);
  const { epoch } = step.state.tasks['check']!.parts[0]!;
  const attempt = { task: 'check', part: 0, epoch };
  const started: RunInput = { kind: 'started', atMs: 2, attempt: 1, worker: 'w', ...attempt };
  for (const input of [started, { kind: 'succeeded', atMs: 3, result, ...attempt } as const, ...then])
    step = decide(plan, step.state, input);
  return step;
}

test('a result that asks for a person holds its task, and nothing behind it begins', () => {
  const { state, effects } = heldRun();

  expect(state.status).toBe('running');
  expect(state.tasks['check']).toMatchObject({ status: 'held', reason: hold, parts: [{ status: 'succeeded' }] });
  expect(state.tasks['load']).toMatchObject({ status: 'waiting' });
  expect(effects).toEqual([{ kind: 'ask-approval', task: 'check', message: hold, approvers: [] }]);
});

test('approved it keeps what it gave, and the run goes on', () => {
  const { state, effects } = heldRun({ kind: 'approved', atMs: 4, task: 'check', by: 'ann', reason: 'known' });

  expect(state.tasks['check']).toMatchObject({
    status: 'succeeded',
    result: { counts: { files: 1 }, values: { score: 0.5, approved_by: 'ann' } },
  });
  expect(effects).toMatchObject([{ kind: 'enqueue', task: 'load' }]);
});

test('declined it failed, and with it the run; cancelled the question is withdrawn', () => {
  const declined = heldRun({ kind: 'declined', atMs: 4, task: 'check', by: 'ann', reason: 'no' });
  expect(declined.state).toMatchObject({ status: 'failed', tasks: { check: { status: 'failed', error: { code: 'APPROVAL_DECLINED' } } } });

  const cancelled = heldRun({ kind: 'cancel', atMs: 4, by: 'ann', reason: 'no' });
  expect(cancelled.effects).toContainEqual({ kind: 'withdraw-approval', task: 'check' });
  expect(cancelled.state).toMatchObject({ status: 'cancelled', tasks: { check: { status: 'cancelled' } } });
});
