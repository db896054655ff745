import { indexOf, type PlanIndex } from '../plan/plan-index.ts';
import type { RunPlan } from '../plan/run-plan.ts';
import { advanceRun } from './advance-run.ts';
import { createDraft, finishDraft, isEnded, waitingTask } from './draft.ts';
import { endRunIfDone } from './end-run.ts';
import type { RunInput } from './run-input.ts';
import type { RunState } from './run-state.ts';
import type { Step } from './step.ts';
import { takeInput } from './take-input.ts';

export type { Ignored, Step } from './step.ts';

/**
 * One step of a run: pure and total. Its cost grows with the tasks of the plan and the parts of the task it is about, never with
 * their product. The same plan, state and input give the same step in every later version of this
 * program, or the golden histories in `golden/` fail.
 *
 * @param state  null before `requested`, which must come first
 * @throws TypeError where another input comes first: a run that nobody asked for has no state
 */
export type Decide = (plan: RunPlan, state: RunState | null, input: RunInput) => Step;

function requestRun(index: PlanIndex, input: Extract<RunInput, { readonly kind: 'requested' }>): Step {
  const { plan } = index;
  const { runId, batchId, parameters, atMs } = input;
  const deadlineAtMs = plan.timeoutMs === null ? null : atMs + plan.timeoutMs;
  const draft = createDraft(
    index,
    {
      runId,
      workflow: plan.workflow,
      version: plan.version,
      batchId,
      parameters,
      status: 'running',
      tasks: Object.fromEntries(plan.tasks.map(({ name }) => [name, waitingTask])),
      changedAtMs: atMs,
      startedAtMs: atMs,
      endedAtMs: null,
      reason: null,
      ending: null,
      deadlineAtMs,
      epochFloor: 0,
    },
    atMs,
  );
  if (deadlineAtMs !== null) draft.effects.push({ kind: 'set-timer', timer: { kind: 'run' }, atMs: deadlineAtMs });
  draft.due.push(...plan.tasks.map(({ name }) => name));
  advanceRun(draft);
  endRunIfDone(draft);
  return { state: finishDraft(draft), effects: draft.effects, ignored: null };
}

export const decide: Decide = (plan, state, input) => {
  const index = indexOf(plan);
  if (state === null) {
    if (input.kind !== 'requested') throw new TypeError('The first input of a run is "requested".');
    return requestRun(index, input);
  }
  if (isEnded(state) && input.kind !== 'rerun' && input.kind !== 'move') return { state, effects: [], ignored: 'run-has-ended' };
  const draft = createDraft(index, state, input.atMs);
  const ignored = takeInput(draft, input);
  if (ignored !== null) return { state, effects: [], ignored };
  advanceRun(draft);
  endRunIfDone(draft);
  return { state: finishDraft(draft), effects: draft.effects, ignored: null };
};
