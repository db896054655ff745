import { expect, test } from '@jest/globals';
import { aPlan } from '../plan/plan.fixture.ts';
import { decide } from './decide.ts';
import { replayRun } from './replay-run.ts';
import { runProblems } from './run-problems.ts';
import type { PartState, RunState, TaskState } from './run-state.ts';

const plan = aPlan([{ name: 'a' }, { name: 'b', dependsOn: ['a'] }]);
const { state } = decide(plan, null, { kind: 'requested', atMs: 1, runId: 'r', batchId: 'b', parameters: {} });
const a = state.tasks['a'] as TaskState;
const b = state.tasks['b'] as TaskState;
const part = a.parts[0] as PartState;
const withA = (change: Partial<TaskState>): RunState => ({ ...state, tasks: { a: { ...a, ...change }, b } });
const withPart = (change: Partial<PartState>): RunState => withA({ parts: [{ ...part, ...change }] });
const error = { code: 'UNKNOWN', kind: 'fatal', detail: 'It failed.' } as const;

test('a sound state has no problems', () => {
  expect(runProblems(plan, state)).toEqual([]);
});

test.each<[string, RunState]>([
  ['a/0: has an epoch', withPart({ epoch: 0 })],
  ['a/0: has an attempt', withPart({ attempt: 0 })],
  ['a/0: has a result if and only if it succeeded', withPart({ result: { counts: {}, values: {}, ref: null } })],
  ['a/0: tells why it failed', withPart({ status: 'failed' })],
  ['a/0: waits for a time only while it backs off', withPart({ retryAtMs: 5 })],
  ['a: has an end if and only if it has ended', withA({ endedAtMs: 5 })],
  ['a: has no parts before it is due', withA({ status: 'waiting' })],
  ['a: has no part under way once it has ended', withA({ status: 'skipped', endedAtMs: 5 })],
  ['a: has work under way while it is active', withPart({ status: 'failed', error })],
  ['a: is held only for a person: as a question, or for a result that asks for one', withA({ status: 'held' })],
  ['a: has a result if it succeeded', withA({ status: 'succeeded', endedAtMs: 5 })],
  ['a: tells why it failed', withA({ status: 'failed', endedAtMs: 5 })],
  ['a has no state', { ...state, tasks: { b } }],
  ['b began before what it depends on had ended', { ...state, tasks: { a, b: { ...b, status: 'active', parts: [part] } } }],
  ['the run has ended before its tasks', { ...state, status: 'failed', endedAtMs: 5 }],
  ['the run has an end if and only if it has ended', { ...state, endedAtMs: 5 }],
  ['the run knows how it ends while it is cancelling, and only then', { ...state, ending: 'failed' }],
  [
    'the run goes on though all its tasks have ended',
    { ...state, tasks: { a: { ...a, parts: [], status: 'skipped', endedAtMs: 5 }, b: { ...b, status: 'skipped', endedAtMs: 5 } } },
  ],
])('told: %s', (problem, broken) => {
  expect(runProblems(plan, broken)).toContain(problem);
});

test('a run that nobody asked for has no state: another input first is a mistake of the caller', () => {
  expect(replayRun([])).toBeNull();
  expect(() => decide(plan, null, { kind: 'cancel', atMs: 1, by: 'ada', reason: 'asked' })).toThrow(
    'The first input of a run is "requested".',
  );
});

test('a plan of 10,000 tasks and one of 1,000 parts: a step costs milliseconds, not seconds', () => {
  const chain = aPlan(Array.from({ length: 10_000 }, (_, at) => ({ name: `t${at}`, dependsOn: at === 0 ? [] : [`t${at - 1}`] })));
  const fan = aPlan([{ name: 'f', fanOut: { over: 'count', count: 1000 } }]);
  const requested = { kind: 'requested', atMs: 1, runId: 'r', batchId: 'b', parameters: {} } as const;
  const result = { counts: {}, values: {}, ref: null };
  let long = decide(chain, null, requested).state;
  for (let at = 0; at < 20; at++)
    long = decide(chain, long, { kind: 'succeeded', atMs: 2, task: `t${at}`, part: 0, epoch: 1, result }).state;
  // One failure skips the 9,979 tasks behind it, one after the other.
  long = decide(chain, long, { kind: 'failed', atMs: 3, task: 't20', part: 0, epoch: 1, error }).state;
  let wide = decide(fan, null, requested).state;
  for (let part = 0; part < 1000; part++) wide = decide(fan, wide, { kind: 'succeeded', atMs: 2, task: 'f', part, epoch: 1, result }).state;

  expect([long.status, wide.status]).toEqual(['failed', 'succeeded']);
  // Quadratic steps would take minutes.
});
