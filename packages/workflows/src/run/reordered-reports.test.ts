import { expect, test } from '@jest/globals';
import { aPlan } from '../plan/plan.fixture.ts';
import { decide } from './decide.ts';
import type { RunEffect } from './run-effect.ts';
import type { RunInput } from './run-input.ts';
import type { RunState } from './run-state.ts';

const plan = aPlan([{ name: 'a' }, { name: 'b', dependsOn: ['a'] }]);

type Untimed<Input> = Input extends unknown ? Omit<Input, 'atMs'> : never;
type Told = Untimed<RunInput>;

const about = (epoch: number) => ({ task: 'a', part: 0, epoch });
const started = (epoch: number): Told => ({ kind: 'started', ...about(epoch), attempt: 1, worker: `w${epoch}` });
const lost = (epoch: number): Told => ({ kind: 'lost', ...about(epoch) });
const progressed = (epoch: number): Told => ({ kind: 'progressed', ...about(epoch), counts: { read: 1 }, health: null });
const succeeded = (epoch: number): Told => ({ kind: 'succeeded', ...about(epoch), result: { counts: { epoch }, values: {}, ref: null } });

function* permutations<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  if (items.length === 0) yield [];
  for (const [at, item] of items.entries())
    for (const rest of permutations([...items.slice(0, at), ...items.slice(at + 1)])) yield [item, ...rest];
}

function play(inputs: readonly Told[]): { readonly state: RunState; readonly effects: readonly RunEffect[] } {
  const effects: RunEffect[] = [];
  let state: RunState | null = null;
  for (const [at, input] of [{ kind: 'requested', runId: 'r', batchId: 'b', parameters: {} } as const, ...inputs].entries()) {
    const step = decide(plan, state, { ...input, atMs: at });
    effects.push(...step.effects);
    ({ state } = step);
  }
  return { state: state as unknown as RunState, effects };
}

const asked = (effects: readonly RunEffect[], task: string): number =>
  effects.filter((effect) => effect.kind === 'enqueue' && effect.task === task).length;

test.each([
  ['of one attempt, each told twice', [], [started(1), started(1), progressed(1), succeeded(1), succeeded(1)], 1],
  [
    'of an attempt that was given up among those of the next one',
    [lost(1)],
    [started(1), succeeded(1), started(2), progressed(2), succeeded(2), succeeded(2)],
    2,
  ],
])('reports %s: in every order the task ends once, by the attempt that counts', (_which, before, reports, epoch) => {
  let orders = 0;
  for (const order of permutations(reports)) {
    const { state, effects } = play([...before, ...order]);
    expect(state.tasks['a']).toMatchObject({ status: 'succeeded', result: { counts: { epoch } } });
    expect({ a: asked(effects, 'a'), b: asked(effects, 'b') }).toEqual({ a: epoch, b: 1 });
    orders++;
  }
  expect(orders).toBeGreaterThan(100);
});
