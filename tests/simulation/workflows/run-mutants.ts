import { decide, type Decide, type RunEffect } from '@vigil/workflows';
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
  loop('leases end unseen', 'The task of a dead worker waits for ever.', { ignoresLeases: true }),
  loop('slots of dead workers are kept', 'The pool is full of nobody.', { keepsSlots: true }),
  loop('run before the position is committed', 'Who takes over the partition runs the same attempt beside it.', { runsUncommitted: true }),
  loop('written without comparing epochs', 'A worker that was long thought dead writes over what came after it.', { writesUnfenced: true }),
  loop('requests before a take-over are not known', 'A request that was published twice runs on two workers.', { remembersOwnOnly: true }),
];
