import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { aPlan, type TaskGiven } from '../plan/plan.fixture.ts';
import type { RunPlan } from '../plan/run-plan.ts';
import { decide } from './decide.ts';
import { isEnded, isOver } from './draft.ts';
import { replayRun } from './replay-run.ts';
import type { RunEffect } from './run-effect.ts';
import type { RunInput, TimerKey } from './run-input.ts';
import { runProblems } from './run-problems.ts';
import type { RunState, TaskResult } from './run-state.ts';

const noResult: TaskResult = { counts: {}, values: {}, ref: null };
const heldResult: TaskResult = { counts: {}, values: { hold: 'A person has to look at it.' }, ref: null };
const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

const tasks = fc.array(
  fc.record({
    before: fc.array(fc.nat(6), { maxLength: 3 }),
    type: fc.constantFrom('batch', 'batch', 'batch', 'workflow', 'approval', 'wait'),
    parts: fc.option(fc.nat(3)),
    attempts: fc.nat(2),
    delayMs: fc.constantFrom(0, 5000),
    timeoutMs: fc.option(fc.constantFrom(3000, 20_000)),
    fallback: fc.constantFrom(null, null, 'quarantine_data' as const),
    onFailure: fc.constantFrom('fail' as const, 'continue' as const, 'skip' as const),
    isConditional: fc.boolean(),
  }),
  { minLength: 1, maxLength: names.length },
);

const specs: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  workflow: { workflow: 'child', parameters: {} },
  approval: { message: 'Go on?', approvers: ['lead'] },
  wait: { duration: 8000 },
};

/** A random plan without cycles: a task depends only on those before it. */
const plans: fc.Arbitrary<RunPlan> = fc.tuple(tasks, fc.option(fc.constant(40_000)), fc.nat(9)).map(([drawn, timeoutMs, kind]) =>
  aPlan(
    drawn.map(({ before, type, parts, attempts, delayMs, isConditional, ...rest }, at): TaskGiven => {
      const dependsOn = [...new Set(before.filter((index) => index < at).map((index) => names[index] as string))];
      return {
        ...rest,
        name: names[at] as string,
        type,
        spec: specs[type] ?? {},
        dependsOn,
        retry: { attempts, delayMs, backoff: 'exponential', maxDelayMs: 60_000, jitter: 0.5, classes: ['transient'] },
        fanOut: parts === null || type === 'approval' || type === 'wait' ? null : { over: 'count', count: parts },
        when: isConditional && dependsOn[0] ? [{ left: [dependsOn[0], 'status'], operator: '==', right: 'succeeded' }] : [],
      };
    }),
    { timeoutMs, continuous: kind === 0 },
  ),
);

type Draw = (below: number) => number;
const draws: fc.Arbitrary<Draw> = fc.infiniteStream(fc.nat(2 ** 30)).map((stream) => (below) => (stream.next().value as number) % below);

/** All that could be told to the run at this moment, true or not: present and earlier epochs, timers that are set or were. */
function possibleInputs(effects: readonly RunEffect[], state: RunState, draw: Draw): RunInput[] {
  const atMs = state.changedAtMs + draw(4000) - 500;
  const by = { by: 'ada', reason: 'asked' };
  const error = { code: 'UNKNOWN', kind: draw(4) === 0 ? ('poison' as const) : ('transient' as const), detail: 'It failed.' };
  return effects.flatMap((effect): RunInput[] => {
    if (effect.kind === 'set-timer') return [{ kind: 'timer', atMs, timer: effect.timer }];
    if (effect.kind === 'ask-approval') {
      return (['approved', 'declined'] as const).map((kind) => ({ kind, atMs, task: effect.task, ...by }));
    }
    if (effect.kind === 'start-run') {
      const { task, part, childRunId } = effect;
      return (['succeeded', 'failed', 'cancelled'] as const).map((status) => ({
        kind: 'child-ended',
        atMs,
        task,
        part,
        childRunId,
        status,
        result: noResult,
      }));
    }
    if (effect.kind !== 'enqueue') return [];
    const { task, part, epoch, attempt } = effect;
    const ref = { atMs, task, part, epoch };
    return [
      { kind: 'started', ...ref, attempt, worker: 'w' },
      { kind: 'succeeded', ...ref, result: noResult },
      { kind: 'succeeded', ...ref, result: heldResult },
      { kind: 'failed', ...ref, error },
      { kind: 'lost', ...ref },
      { kind: 'stopped', ...ref },
      { kind: 'progressed', ...ref, counts: {}, health: 'ok' },
    ];
  });
}

function orderOf(plan: RunPlan, state: RunState, draw: Draw): RunInput {
  const by = { atMs: state.changedAtMs + draw(1000), by: 'ada', reason: 'asked' };
  const task = plan.tasks[draw(plan.tasks.length)]?.name ?? 'a';
  switch (draw(10)) {
    case 0:
      return { kind: 'cancel', ...by };
    case 1:
    case 2:
      return { kind: 'rerun', task, ...by };
    case 3:
      return { kind: 'move', version: plan.version, ...by };
    case 4:
    case 5:
    case 6:
      return { kind: 'pause', ...by };
    default:
      return { kind: 'resume', ...by };
  }
}

interface Played {
  readonly inputs: readonly RunInput[];
  readonly state: RunState;
}

/** What a run has asked for and what of it is still open, checked while it is played. */
function createWatch(plan: RunPlan) {
  const effects: RunEffect[] = [];
  const highest = new Map<string, number>();
  return {
    effects,
    see(before: RunState | null, after: RunState, made: readonly RunEffect[]): void {
      expect(runProblems(plan, after)).toEqual([]);
      effects.push(...made);
      for (const effect of made) {
        if (effect.kind !== 'enqueue') continue;
        const place = `${effect.task}/${effect.part}`;
        // One live epoch: each request is above all before it, and is the part's own.
        expect(effect.epoch).toBeGreaterThan(highest.get(place) ?? 0);
        highest.set(place, effect.epoch);
        expect(after.tasks[effect.task]?.parts[effect.part]?.epoch).toBe(effect.epoch);
        expect(before?.status).not.toBe('paused');
      }
    },
  };
}

function begin(plan: RunPlan): { readonly input: RunInput; readonly state: RunState; readonly watch: ReturnType<typeof createWatch> } {
  const input: RunInput = { kind: 'requested', atMs: 1_000_000, runId: 'r1', batchId: 'r1', parameters: {} };
  const { state, effects } = decide(plan, null, input);
  const watch = createWatch(plan);
  watch.see(null, state, effects);
  return { input, state, watch };
}

/** Plays a run with whatever may be told to it, in any order. */
function play(plan: RunPlan, draw: Draw, steps: number): Played & { readonly watch: ReturnType<typeof createWatch> } {
  const { input, state: first, watch } = begin(plan);
  const inputs = [input];
  let state = first;
  for (let step = 0; step < steps; step++) {
    const told = draw(8) === 0 ? [] : possibleInputs(watch.effects, state, draw);
    const next = told.length === 0 ? orderOf(plan, state, draw) : (told[draw(told.length)] as RunInput);
    const made = decide(plan, state, next);
    inputs.push(next);
    if ('epoch' in next && state.tasks[next.task]?.parts[next.part]?.epoch !== next.epoch) expect(made.ignored).not.toBeNull();
    if (made.ignored !== null) expect(made).toEqual({ state, effects: [], ignored: made.ignored });
    else if (next.kind === 'resume') watch.see(null, made.state, made.effects);
    else watch.see(state, made.state, made.effects);
    state = made.state;
  }
  return { inputs, state, watch };
}

/** Says only what is true of what is open now, until nothing is. */
function bringToItsEnd(plan: RunPlan, from: RunState, tell: (state: RunState) => readonly RunInput[]): RunState {
  let state = from;
  for (let round = 0; round < 2000 && !isEnded(state); round++) {
    const [next] = tell(state);
    if (!next) return state;
    const { state: after, ignored } = decide(plan, state, next);
    expect({ next, ignored }).toEqual({ next, ignored: null });
    state = after;
  }
  return state;
}

const allEnd =
  (plan: RunPlan) =>
  (state: RunState): RunInput[] => {
    const atMs = state.changedAtMs + 1000;
    if (state.status === 'paused') return [{ kind: 'resume', atMs, by: 'ada', reason: 'go on' }];
    return plan.tasks.flatMap(({ name, type }): RunInput[] => {
      const task = state.tasks[name];
      if (task?.status === 'held') return [{ kind: 'approved', atMs, task: name, by: 'ada', reason: 'yes' }];
      if (task?.status === 'active' && (type as string) === 'wait') return [{ kind: 'timer', atMs, timer: { kind: 'wait', task: name } }];
      return (task?.parts ?? [])
        .filter((part) => !isOver(part))
        .map((part): RunInput => {
          const ref = { atMs, task: name, part: part.part, epoch: part.epoch };
          const retry: TimerKey = { kind: 'retry', task: name, part: part.part, epoch: part.epoch };
          if (part.status === 'backing-off') return { kind: 'timer', atMs, timer: retry };
          if (part.childRunId !== null && (type as string) === 'workflow') {
            return {
              kind: 'child-ended',
              atMs,
              task: name,
              part: part.part,
              childRunId: part.childRunId,
              status: 'succeeded',
              result: noResult,
            };
          }
          // What is done before the wish to stop reaches it may ask for a person, too.
          const stopping: RunInput = part.part === 0 ? { kind: 'succeeded', ...ref, result: heldResult } : { kind: 'stopped', ...ref };
          return part.status === 'stopping' ? stopping : { kind: 'succeeded', ...ref, result: heldResult };
        });
    });
  };

test('whatever is told in whatever order: no rule of runs breaks, what is ignored changes nothing, the history gives the state again', () => {
  fc.assert(
    fc.property(plans, draws, (plan, draw) => {
      const { inputs, state } = play(plan, draw, 60);

      expect(replayRun(inputs.map((input) => ({ plan, input })))).toEqual(state);
      expect(replayRun(inputs.map((input) => ({ plan, input })))).toEqual(JSON.parse(JSON.stringify(state)));
    }),
    { numRuns: 100 },
  );
});

test('wherever it stands, a run ends once everything that is open comes to its end, and each task with it', () => {
  fc.assert(
    fc.property(plans, draws, fc.nat(40), (plan, draw, steps) => {
      const { state } = play(plan, draw, steps);

      expect(isEnded(bringToItsEnd(plan, state, allEnd(plan)))).toBe(true);
    }),
    { numRuns: 100 },
  );
});

test('wherever it stands, a run that is cancelled ends once what was under way has stopped, and asks for nothing more', () => {
  fc.assert(
    fc.property(plans, draws, fc.nat(40), (plan, draw, steps) => {
      const { state } = play(plan, draw, steps);
      fc.pre(!isEnded(state) && state.status !== 'cancelling');
      const { state: cancelling, effects } = decide(plan, state, { kind: 'cancel', atMs: state.changedAtMs, by: 'ada', reason: 'no' });
      const ended = bringToItsEnd(plan, cancelling, allEnd(plan));

      expect(effects.filter(({ kind }) => kind === 'enqueue' || kind === 'start-run' || kind === 'ask-approval')).toEqual([]);
      expect(ended.status).toBe('cancelled');
    }),
    { numRuns: 100 },
  );
});

test('no attempt is asked for before all that its task depends on has ended, nor after its part has succeeded', () => {
  fc.assert(
    fc.property(plans, draws, (plan, draw) => {
      fc.pre(!plan.continuous);
      const { inputs } = play(plan, draw, 60);
      let state: RunState | null = null;
      let succeededBefore = new Set<string>();
      for (const input of inputs) {
        const { state: after, effects } = decide(plan, state, input);
        for (const effect of effects) {
          if (effect.kind !== 'enqueue') continue;
          const before = plan.tasks.find(({ name }) => name === effect.task)?.dependsOn ?? [];
          expect(before.every((name) => after.tasks[name]?.endedAtMs !== null)).toBe(true);
          // A re-run or a move begins it anew; nothing else does.
          if (input.kind !== 'rerun' && input.kind !== 'move') expect(succeededBefore.has(`${effect.task}/${effect.part}`)).toBe(false);
        }
        state = after;
        succeededBefore = new Set(
          Object.entries(after.tasks).flatMap(([name, task]) =>
            task.parts.filter(({ status }) => status === 'succeeded').map(({ part }) => `${name}/${part}`),
          ),
        );
      }
    }),
    { numRuns: 100 },
  );
});

test('every timer that is set is cleared, fires, or belongs to something that is open', () => {
  fc.assert(
    fc.property(plans, draws, (plan, draw) => {
      const { input, state: first, watch } = begin(plan);
      const open = new Map<string, TimerKey>();
      const settle = (effects: readonly RunEffect[]): void => {
        for (const effect of effects) {
          if (effect.kind === 'set-timer') open.set(JSON.stringify(effect.timer), effect.timer);
          if (effect.kind === 'clear-timer') open.delete(JSON.stringify(effect.timer));
        }
      };
      settle(decide(plan, null, input).effects);
      let state = first;
      for (let step = 0; step < 80 && !isEnded(state); step++) {
        const told = possibleInputs(watch.effects, state, draw).filter(
          (each) => each.kind !== 'timer' || open.has(JSON.stringify(each.timer)),
        );
        const next = told.length === 0 ? orderOf(plan, state, draw) : (told[draw(told.length)] as RunInput);
        if (next.kind === 'timer') open.delete(JSON.stringify(next.timer));
        const made = decide(plan, state, next);
        settle(made.effects);
        watch.effects.push(...made.effects);
        state = made.state;
      }

      if (isEnded(state)) expect([...open.values()]).toEqual([]);
    }),
    { numRuns: 100 },
  );
});
