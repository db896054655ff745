import { decide, type Decide, type RunEffect, type RunPlan, type RunState } from '@vigil/workflows';
import { asMeant, type Variation } from './variation.ts';

/** A bug on purpose: the simulation is worth something only if it finds it. */
export interface RunMutant {
  readonly name: string;
  /** What a reader would see in production. */
  readonly harm: string;
  readonly variation: Variation;
}

/** `decide` that believes reports of any epoch. */
const believesAll: Decide = (plan, state, input) => {
  const known = state && 'epoch' in input ? state.tasks[input.task]?.parts[input.part]?.epoch : undefined;
  return decide(plan, state, known !== undefined && 'epoch' in input ? { ...input, epoch: known } : input);
};

/** `decide` whose effects of one kind get lost. */
const without =
  (isLost: (effect: RunEffect) => boolean): Decide =>
  (plan, state, input) => {
    const step = decide(plan, state, input);
    return { ...step, effects: step.effects.filter((effect) => !isLost(effect)) };
  };

/** `decide` that takes a lost lease for a failed attempt of the same epoch: the request goes out again as it was. */
const repeatsEpoch: Decide = (plan, state, input) => {
  const step = decide(plan, state, input);
  if (input.kind !== 'lost' || step.ignored !== null) return step;
  const own = step.state.tasks[input.task];
  if (!own) return step;
  const parts = own.parts.map((part) => (part.part === input.part && part.status === 'queued' ? { ...part, epoch: input.epoch } : part));
  return {
    ...step,
    state: { ...step.state, tasks: { ...step.state.tasks, [input.task]: { ...own, parts } } },
    effects: step.effects.map((effect) =>
      effect.kind === 'enqueue' && effect.task === input.task ? { ...effect, epoch: input.epoch } : effect,
    ),
  };
};

/** `decide` under another plan for inputs of one kind. */
const planned =
  (kind: string, change: (plan: RunPlan) => RunPlan): Decide =>
  (plan, state, input) =>
    decide(input.kind === kind ? change(plan) : plan, state, input);

/** `decide` that takes a continuous run for one that ends, for inputs of one kind. */
const endsStagesOn = (kind: string): Decide => {
  const changed = new WeakMap<RunPlan, RunPlan>();
  return planned(kind, (plan) => {
    const known = changed.get(plan) ?? { ...plan, continuous: false };
    changed.set(plan, known);
    return known;
  });
};

/** `decide` for which a run that moves was never asked for anything: epochs begin again. */
const forgetsEpochs: Decide = (plan, state, input) => {
  if (input.kind !== 'move' || !state) return decide(plan, state, input);
  const forget = (task: RunState['tasks'][string]) => ({ ...task, parts: task.parts.map((part) => ({ ...part, epoch: 0 })) });
  const tasks = Object.fromEntries(
    Object.entries(state.tasks).map(([name, task]) => [name, task.status === 'succeeded' ? task : forget(task)]),
  );
  return decide(plan, { ...state, epochFloor: 0, tasks }, input);
};

/** `decide` that keeps whatever succeeded in the version before, also what reads otherwise now. */
const keepsAll: Decide = (plan, state, input) => {
  const step = decide(plan, state, input);
  if (input.kind !== 'move' || !state || step.ignored !== null) return step;
  const names = plan.tasks.map(({ name }) => name).filter((name) => state.tasks[name]?.status === 'succeeded');
  const kept = Object.fromEntries(names.map((name) => [name, state.tasks[name] as RunState['tasks'][string]]));
  const effects = step.effects.filter((effect) => !('task' in effect && names.includes(effect.task)));
  return { ...step, state: { ...step.state, tasks: { ...step.state.tasks, ...kept } }, effects };
};

/** `decide` that keeps nothing: the version is another, so all of it runs again. */
const keepsNothing: Decide = (plan, state, input) => {
  if (input.kind !== 'move' || !state) return decide(plan, state, input);
  const tasks = Object.fromEntries(Object.entries(state.tasks).map(([name, task]) => [name, { ...task, fingerprint: null }]));
  return decide(plan, { ...state, tasks }, input);
};

/** `decide` that does not read what a result asks for. */
const passesHeld: Decide = (plan, state, input) => {
  if (input.kind !== 'succeeded') return decide(plan, state, input);
  const { hold: _, ...values } = input.result.values;
  return decide(plan, state, { ...input, result: { ...input.result, values } });
};

const loop = (name: string, harm: string, change: Omit<Variation, 'decide'>): RunMutant => ({
  name,
  harm,
  variation: { ...asMeant, ...change },
});
const reducer = (name: string, harm: string, decide: Decide): RunMutant => ({ name, harm, variation: { ...asMeant, decide } });

export const runMutants: readonly RunMutant[] = [
  reducer('stale epochs are believed', 'A task has succeeded by what a dead worker said; another is still writing.', believesAll),
  reducer('a lost attempt keeps its epoch', 'Two workers run one attempt, and nothing tells them apart.', repeatsEpoch),
  reducer(
    'timers are not cleared',
    'Timers of what is over stay for ever.',
    without(({ kind }) => kind === 'clear-timer'),
  ),
  reducer(
    'a retry has no timer',
    'A task that failed once waits for ever.',
    without((effect) => effect.kind === 'set-timer' && effect.timer.kind === 'retry'),
  ),
  reducer(
    'cancelling does not reach the worker',
    'The attempt goes on and writes.',
    without(({ kind }) => kind === 'withdraw'),
  ),
  reducer(
    'a child is not cancelled',
    'The run waits for its child for ever, or until it is done.',
    without(({ kind }) => kind === 'cancel-run'),
  ),
  reducer('a stage that fails is not tried again', 'A ward is watched by nobody until somebody looks.', endsStagesOn('failed')),
  reducer('a stage waits for the end of the one before it', 'All but the first stages of a stream never begin.', endsStagesOn('started')),
  reducer('a move begins epochs anew', 'Workers take the request of the mended task for one that they have seen.', forgetsEpochs),
  reducer('a move keeps what reads otherwise', 'The mended task does not run: its old result stands under the new version.', keepsAll),
  reducer('a move keeps nothing', 'What was right and done is done again.', keepsNothing),
  reducer('a result that asks for a person is let through', 'Data below the limit are loaded, and nobody was asked.', passesHeld),
  reducer(
    'a question is not withdrawn',
    'A person decides about what is over.',
    without(({ kind }) => kind === 'withdraw-approval'),
  ),
  loop('a paused run is handed out', 'What a person stopped goes on.', { dispatchesPaused: true }),
  loop('leases end unseen', 'The task of a dead worker waits for ever.', { ignoresLeases: true }),
  loop('slots of dead workers are kept', 'The pool is full of nobody.', { keepsSlots: true }),
  loop('run before the position is committed', 'Who takes over the partition runs the same attempt beside it.', { runsUncommitted: true }),
  loop('written without comparing epochs', 'A worker that was long thought dead writes over what came after it.', { writesUnfenced: true }),
  loop('requests before a take-over are not known', 'A request that was published twice runs on two workers.', { remembersOwnOnly: true }),
];
