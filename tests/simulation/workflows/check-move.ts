import type { PlannedTask, RunPlan, RunState } from '@vigil/workflows';
import type { RunViolation } from './run-violation.ts';

export interface Move {
  readonly from: RunPlan;
  readonly before: RunState;
  readonly to: RunPlan;
  readonly after: RunState;
}

/** What a task does; the plans of the simulation differ in nothing else. */
const workOf = ({ type, dependsOn, when, fanOut, spec }: PlannedTask): string => JSON.stringify([type, dependsOn, when, fanOut, spec]);

/** Names of the tasks that may keep what they gave, by the words of the rule and not by the code of the reducer. */
function kept({ from, before, to }: Move): ReadonlySet<string> {
  const works = new Map(from.tasks.map((task) => [task.name, workOf(task)]));
  const names = new Set<string>();
  for (const task of to.tasks) {
    const isSame = before.tasks[task.name]?.status === 'succeeded' && works.get(task.name) === workOf(task);
    if (isSame && task.dependsOn.every((name) => names.has(name))) names.add(task.name);
  }
  return names;
}

/** What a run that moved to another version keeps, and what it began anew. */
export function moveProblems(runId: string, move: Move): RunViolation[] {
  const { before, to, after } = move;
  const keeps = kept(move);
  const detail = (name: string, what: string): RunViolation => ({
    invariant: 'W9',
    detail: `${runId}, version ${to.version}: ${name} ${what}`,
  });
  const lasting = to.tasks.flatMap(({ name }): RunViolation[] => {
    const own = after.tasks[name];
    if (keeps.has(name)) {
      return JSON.stringify(own) === JSON.stringify(before.tasks[name]) ? [] : [detail(name, 'is the same and has lost what it gave')];
    }
    // A wait of no time and a fan-out over nothing succeed at once; neither is drawn.
    return own?.status === 'succeeded' ? [detail(name, 'reads otherwise and has not run again')] : [];
  });
  const gone = Object.keys(after.tasks).filter((name) => !to.tasks.some((task) => task.name === name));
  return [...lasting, ...gone.map((name) => detail(name, 'is in no plan'))];
}
