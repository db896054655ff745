import { expect, test } from '@jest/globals';
import { aPlan } from '../plan/plan.fixture.ts';
import { decide } from './decide.ts';
import type { RunInput } from './run-input.ts';

const plan = aPlan([{ name: 'a' }, { name: 'child', type: 'workflow', spec: { workflow: 'w2' } }]);
const begun = decide(plan, null, {
  kind: 'requested',
  atMs: 1,
  runId: '0191d0c1-0000-7000-8000-000000000001',
  batchId: 'b',
  parameters: {},
});
const take = (input: object) => decide(plan, begun.state, { atMs: 2, part: 0, epoch: 1, ...input } as unknown as RunInput);

test.each([
  { kind: 'started', attempt: 1, worker: 'w' },
  { kind: 'succeeded', result: { counts: {}, values: {}, ref: null } },
  { kind: 'child-ended', childRunId: 'x', status: 'succeeded', result: null },
])('a word about a task that the plan does not have changes nothing: $kind', (input) => {
  const { ignored, state } = take({ ...input, task: 'of another version' });

  expect(ignored).toBe('no-such-task');
  expect(state.tasks).toEqual(begun.state.tasks);
});

test('a run that was started and ends without a result succeeds with an empty one', () => {
  const { childRunId } = begun.state.tasks['child']!.parts[0]!;
  const { state } = take({ kind: 'child-ended', task: 'child', childRunId, status: 'succeeded', result: null });

  expect(state.tasks['child']).toMatchObject({ status: 'succeeded', result: { counts: {}, values: {}, ref: null } });
});
