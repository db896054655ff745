import { withAllBehind } from '../plan/plan-index.ts';
import { changeTask, isEnded, isSettled, taskOf, waitingTask, type Draft } from './draft.ts';
import type { RunState, TaskState } from './run-state.ts';

const highestEpoch = (tasks: readonly TaskState[], floor: number): number =>
  tasks.reduce((highest, { parts }) => parts.reduce((most, { epoch }) => Math.max(most, epoch), highest), floor);

/** A run that had ended goes on, with its whole time before it. */
function reopen(draft: Draft): void {
  const { run, index, atMs } = draft;
  const deadlineAtMs = index.plan.timeoutMs === null ? null : atMs + index.plan.timeoutMs;
  Object.assign(run, { status: 'running', reason: null, ending: null, endedAtMs: null, deadlineAtMs } satisfies Partial<RunState>);
  if (deadlineAtMs !== null) draft.effects.push({ kind: 'set-timer', timer: { kind: 'run' }, atMs: deadlineAtMs });
}

const isFailing = (draft: Draft, but: ReadonlySet<string>): boolean =>
  draft.index.plan.tasks.some(({ name, onFailure }) => onFailure === 'fail' && !but.has(name) && taskOf(draft, name).status === 'failed');

/**
 * What a re-run from `task` begins anew: the task and all behind it, and, where no other failure is left that stops the run,
 * what a failure had kept from beginning.
 */
function restartedBy(draft: Draft, task: string): ReadonlySet<string> {
  const restarted = new Set(withAllBehind(draft.index, task));
  if (isFailing(draft, restarted)) return restarted;
  for (const { name } of draft.index.plan.tasks) {
    const { status, error } = taskOf(draft, name);
    if (status === 'skipped' && error) restarted.add(name);
  }
  return restarted;
}

/** Runs `task` and all behind it again. @returns false where something of it is under way */
export function rerunFrom(draft: Draft, task: string): boolean {
  const { run } = draft;
  const restarted = [...restartedBy(draft, task)];
  const under = restarted.map((name) => taskOf(draft, name));
  if (run.status === 'cancelling' || under.some((state) => state.status !== 'waiting' && !isSettled(state))) return false;
  run.epochFloor = highestEpoch(under, run.epochFloor);
  for (const name of restarted) Object.assign(changeTask(draft, name), waitingTask, { parts: [] });
  draft.due.push(...restarted);
  if (isEnded(run)) reopen(draft);
  return true;
}

/** Names of the tasks of the new plan that keep what they gave: they succeeded, are the same, and so is all before them. */
function keptBy({ run, index }: Draft): ReadonlySet<string> {
  const kept = new Set<string>();
  for (const task of index.plan.tasks) {
    const before = Object.hasOwn(run.tasks, task.name) ? run.tasks[task.name] : undefined;
    const same = before?.status === 'succeeded' && before.fingerprint === index.fingerprintOf(task);
    if (same && task.dependsOn.every((name) => kept.has(name))) kept.add(task.name);
  }
  return kept;
}

/** Goes on under the draft's plan from what did not succeed. @returns false where something is under way, or nothing is left to mend */
export function moveRun(draft: Draft): boolean {
  const { run, index } = draft;
  const before = Object.values(run.tasks);
  const stands = run.status === 'failed' || run.status === 'cancelled' || run.status === 'paused';
  if (!stands || before.some((state) => state.status !== 'waiting' && !isSettled(state))) return false;
  run.epochFloor = highestEpoch(before, run.epochFloor);
  const kept = keptBy(draft);
  const { tasks } = run;
  run.version = index.plan.version;
  run.tasks = Object.fromEntries(index.plan.tasks.map(({ name }) => [name, kept.has(name) ? (tasks[name] as TaskState) : waitingTask]));
  draft.due.push(...index.plan.tasks.map(({ name }) => name));
  if (run.deadlineAtMs !== null) draft.effects.push({ kind: 'clear-timer', timer: { kind: 'run' } });
  reopen(draft);
  return true;
}
