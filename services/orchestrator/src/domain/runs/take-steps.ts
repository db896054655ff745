import type { Decide, RunEffect, RunInput, RunPlan, RunState, Step } from '@vigil/workflows';
import type { TakenStep } from './run-hooks.ts';
import type { StepInput, StepResult } from './run-store.ts';

/** A run as its transaction locked it. */
export interface LockedRun {
  readonly runId: string;
  readonly workflow: string;
  readonly version: number;
  readonly batchId: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly seq: number;
  readonly state: RunState | null;
}

/** What the steps of a transaction are taken on. */
export interface StepWorld {
  readonly runs: ReadonlyMap<string, LockedRun>;
  /** @throws where the version is not known: a fault of our own */
  readonly planOf: (workflow: string, version: number) => RunPlan;
  readonly nowMs: number;
  /** Message ids that the inbox did not hold before. */
  readonly fresh: ReadonlySet<string>;
  /** Whether a lease that was found over is so still, its run being locked now. */
  readonly isLeaseOver: (runId: string, part: { task: string; part: number; epoch: number }) => boolean;
  readonly decide: Decide;
}

/** All that a transaction did to one run. */
export interface RunSteps {
  readonly run: LockedRun;
  /** In force after the last step. */
  readonly plan: RunPlan;
  readonly before: RunState | null;
  readonly after: RunState;
  readonly seq: number;
  readonly taken: readonly TakenStep[];
  /** What attempts under way told of themselves, in order, also where it was no step. */
  readonly words: readonly Word[];
  /** Of all steps, in order. */
  readonly effects: readonly RunEffect[];
}

export type Word = Extract<RunInput, { readonly kind: 'progressed' }>;

interface Draft {
  readonly run: LockedRun;
  version: number;
  state: RunState | null;
  seq: number;
  readonly taken: TakenStep[];
  readonly words: Word[];
}

export interface TakenSteps {
  /** In the order of the inputs. */
  readonly results: readonly StepResult[];
  readonly runs: readonly RunSteps[];
}

/** Counts of an attempt under way, or of one that nobody asks about any more: no history, or a run that never ends has one that never ends. */
const isOnlyWord = ({ kind }: RunInput, before: RunState | null, { state, ignored }: Pick<Step, 'state' | 'ignored'>): boolean =>
  kind === 'progressed' && (ignored !== null || state.tasks === before?.tasks);

function takeStep(draft: Draft, untimed: StepInput['input'], { nowMs, planOf, decide }: StepWorld): StepResult {
  // A clock that was set back must not make time run backwards within a run.
  const input = { ...untimed, atMs: Math.max(nowMs, draft.state?.changedAtMs ?? 0) } as RunInput;
  const wanted = input.kind === 'move' ? input.version : draft.version;
  const plan = planOf(draft.run.workflow, wanted);
  const before = draft.state;
  const step = decide(plan, before, input);
  if (input.kind === 'progressed' && step.ignored === null) draft.words.push(input);
  if (!isOnlyWord(input, before, step)) {
    draft.state = step.state;
    draft.version = step.state.version;
    draft.seq += 1;
    draft.taken.push({ plan, input, before, step });
  }
  const { seq } = draft;
  const { status } = step.state;
  return step.ignored === null ? { outcome: 'applied', seq, status } : { outcome: 'ignored', seq, status, why: step.ignored };
}

/** Takes the steps of a batch of inputs, in order; of inputs told twice the first counts. */
export function takeSteps(inputs: readonly StepInput[], world: StepWorld): TakenSteps {
  const unused = new Set(world.fresh);
  const drafts = new Map<string, Draft>();
  const results = inputs.map(({ runId, messageId, input }): StepResult => {
    if (messageId !== null && !unused.delete(messageId)) return { outcome: 'duplicate' };
    const run = world.runs.get(runId);
    if (!run) return { outcome: 'unknown-run' };
    if (input.kind === 'lost' && !world.isLeaseOver(runId, input)) return { outcome: 'duplicate' };
    const draft = drafts.get(runId) ?? { run, version: run.version, state: run.state, seq: run.seq, taken: [], words: [] };
    // A run that still waits behind another one can begin, or be cancelled: then it begins and ends at once.
    if (draft.state === null && input.kind !== 'requested' && input.kind !== 'cancel') return { outcome: 'unknown-run' };
    drafts.set(runId, draft);
    if (draft.state === null && input.kind === 'cancel') {
      takeStep(draft, { kind: 'requested', runId, batchId: run.batchId, parameters: run.parameters }, world);
    }
    return takeStep(draft, input, world);
  });
  const runs = [...drafts.values()].map(({ run, version, state, seq, taken, words }): RunSteps => ({
    run,
    plan: world.planOf(run.workflow, version),
    before: run.state,
    after: state as RunState,
    seq,
    taken,
    words,
    effects: taken.flatMap(({ step }) => step.effects),
  }));
  return { results, runs };
}
