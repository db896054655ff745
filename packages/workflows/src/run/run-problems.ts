import { ownWorkOf } from '../plan/own-work.ts';
import type { PlannedTask, RunPlan } from '../plan/run-plan.ts';
import { isEnded, isOver, isSettled } from './draft.ts';
import type { PartState, RunState, TaskState } from './run-state.ts';

const partRules: readonly (readonly [string, (part: PartState) => boolean])[] = [
  ['has an epoch', ({ epoch }) => epoch > 0],
  ['has an attempt', ({ attempt }) => attempt > 0],
  ['has a result if and only if it succeeded', ({ status, result }) => (status === 'succeeded') === (result !== null)],
  ['tells why it failed', ({ status, error }) => status !== 'failed' || error !== null],
  ['waits for a time only while it backs off', ({ status, retryAtMs }) => status === 'backing-off' || retryAtMs === null],
];

const taskRules: readonly (readonly [string, (state: TaskState, task: PlannedTask) => boolean])[] = [
  ['has an end if and only if it has ended', (state) => isSettled(state) === (state.endedAtMs !== null)],
  ['has no parts before it is due', ({ status, parts }) => status !== 'waiting' || parts.length === 0],
  ['has no part under way once it has ended', (state) => !isSettled(state) || state.parts.every(isOver)],
  [
    'has work under way while it is active',
    ({ status, parts }, task) => status !== 'active' || ownWorkOf(task).kind === 'wait' || parts.some((part) => !isOver(part)),
  ],
  [
    'is held only for a person: as a question, or for a result that asks for one',
    ({ status, parts }, task) =>
      status !== 'held' ||
      ownWorkOf(task).kind === 'approval' ||
      (parts.every(isOver) && parts.some(({ result }) => result?.values['hold'])),
  ],
  ['has a result if it succeeded', ({ status, result }) => status !== 'succeeded' || result !== null],
  ['tells why it failed', ({ status, error }) => (status !== 'failed' && status !== 'fell-back') || error !== null],
];

function beginsTooEarly(plan: RunPlan, state: RunState, { name, dependsOn }: PlannedTask): boolean {
  const status = state.tasks[name]?.status;
  if (plan.continuous || status === undefined || status === 'waiting' || status === 'skipped' || status === 'cancelled') return false;
  return !dependsOn.every((dependency) => {
    const before = state.tasks[dependency];
    return before !== undefined && isSettled(before);
  });
}

/** What must hold of every state that `decide` gives; each broken rule in a sentence. Empty = none. */
export function runProblems(plan: RunPlan, state: RunState): readonly string[] {
  const problems: string[] = [];
  for (const task of plan.tasks) {
    const own = state.tasks[task.name];
    if (!own) {
      problems.push(`${task.name} has no state`);
      continue;
    }
    for (const [rule, holds] of taskRules) if (!holds(own, task)) problems.push(`${task.name}: ${rule}`);
    for (const part of own.parts) {
      for (const [rule, holds] of partRules) if (!holds(part)) problems.push(`${task.name}/${part.part}: ${rule}`);
    }
    if (beginsTooEarly(plan, state, task)) problems.push(`${task.name} began before what it depends on had ended`);
  }
  const open = Object.values(state.tasks).some((task) => !isSettled(task));
  if (isEnded(state) === open)
    problems.push(open ? 'the run has ended before its tasks' : 'the run goes on though all its tasks have ended');
  if (isEnded(state) !== (state.endedAtMs !== null)) problems.push('the run has an end if and only if it has ended');
  if ((state.status === 'cancelling') !== (state.ending !== null))
    problems.push('the run knows how it ends while it is cancelling, and only then');
  return problems;
}
