import { expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunPlan } from '../plan/run-plan.ts';
import { decide, type Step } from './decide.ts';
import { continuousHistories } from './histories/continuous-histories.fixture.ts';
import { controlHistories } from './histories/control-histories.fixture.ts';
import { failureHistories } from './histories/failure-histories.fixture.ts';
import { flowHistories } from './histories/flow-histories.fixture.ts';
import { inputsOf, writeEffect, type History } from './histories/history.fixture.ts';
import { ownWorkHistories } from './histories/own-work-histories.fixture.ts';
import type { RunInput } from './run-input.ts';
import type { RunState } from './run-state.ts';
import { runProblems } from './run-problems.ts';

/** Histories are recorded anew only where somebody asks for it, and then read: `VIGIL_UPDATE_GOLDEN=1`. */
const folder = join(import.meta.dirname, '../../golden');
const histories = [...flowHistories, ...failureHistories, ...controlHistories, ...ownWorkHistories, ...continuousHistories];
const named = histories.map((history) => [history.shape, history] as const);

interface Golden {
  readonly shape: string;
  readonly text: string;
  readonly plans: readonly RunPlan[];
  readonly steps: readonly {
    /** Which of the plans it was reduced under. */
    readonly plan: number;
    readonly input: RunInput;
    readonly ignored: Step['ignored'];
    readonly effects: Step['effects'];
  }[];
  readonly state: RunState;
}

const stepText = ({ ignored, effects }: Step): string[] => (ignored === null ? effects.map(writeEffect) : [`- ${ignored}`]);
const asJson = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

function record(history: History): Golden {
  const given = inputsOf(history);
  const plans = [...new Set(given.map(({ plan }) => plan))];
  let state: RunState | null = null;
  const steps = given.map(({ plan, input }) => {
    const step = decide(plan, state, input);
    state = step.state;
    return { plan: plans.indexOf(plan), input, ignored: step.ignored, effects: step.effects };
  });
  return { shape: history.shape, text: history.text, plans, steps, state: state as unknown as RunState };
}

const statusesOf = ({ status, tasks }: RunState) => ({
  run: status,
  ...Object.fromEntries(Object.entries(tasks).map(([name, task]) => [name, task.status])),
});

test.each(named)('%s: each input has the effects written down for it', (_shape, history) => {
  const { steps, state } = record(history);

  expect(steps.map((step) => stepText({ ...step, state }))).toEqual(history.steps.map(([, ...effects]) => effects));
  expect(statusesOf(state)).toEqual(history.ends);
});

test.each(named)('%s: no step breaks a rule of runs', (_shape, history) => {
  let state: RunState | null = null;
  for (const { plan, input } of inputsOf(history)) {
    ({ state } = decide(plan, state, input));
    expect(runProblems(plan, state)).toEqual([]);
  }
});

if (process.env.VIGIL_UPDATE_GOLDEN === '1') {
  for (const history of histories) {
    const file = join(folder, `${history.shape}.json`);
    const { plans, steps, ...rest } = record(history);
    // A line for each plan and step: a change of one shows as one.
    const lines = (all: readonly unknown[]): string => `[\n${all.map((each) => `    ${JSON.stringify(each)}`).join(',\n')}\n  ]`;
    const { shape, text, state } = rest;
    writeFileSync(
      file,
      `{\n  "shape": ${JSON.stringify(shape)},\n  "text": ${JSON.stringify(text)},\n  "plans": ${lines(plans)},\n  "steps": ${lines(steps)},\n  "state": ${JSON.stringify(state)}\n}\n`,
    );
  }
}

const recorded = readdirSync(folder).filter((name) => name.endsWith('.json'));

test('every history is recorded', () => {
  expect(histories.filter(({ shape }) => !existsSync(join(folder, `${shape}.json`))).map(({ shape }) => shape)).toEqual([]);
});

test.each(recorded)('golden/%s reduces as it did when it was recorded', (name) => {
  const golden = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Golden;
  let state: RunState | null = null;
  const replayed = golden.steps.map(({ plan, input }) => {
    // As a run is continued by another process: through JSON at every step.
    const step: Step = asJson(decide(golden.plans[plan] as RunPlan, state, input));
    state = step.state;
    return { plan, input, ignored: step.ignored, effects: step.effects };
  });

  expect(replayed).toEqual(golden.steps);
  expect(state).toEqual(golden.state);
});
