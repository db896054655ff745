import { hashId } from '@vigil/core';
import { canonicalJson, workOf } from '@vigil/definitions';
import type { PlannedTask, RunPlan } from './run-plan.ts';

/** What the reducer looks up in a plan, made once for each plan. */
export interface PlanIndex {
  readonly plan: RunPlan;
  readonly taskByName: ReadonlyMap<string, PlannedTask>;
  /** Names of the tasks that depend on a task, in the order of the plan. */
  readonly dependentsOf: (task: string) => readonly string[];
  /** Tasks that nothing depends on: what they give is the result of the run. */
  readonly leaves: readonly string[];
  /** Equal for two plans where the task would do the same with the same input. Retries, limits and weights do not count. */
  readonly fingerprintOf: (task: PlannedTask) => string;
}

const none: readonly string[] = [];
const indexes = new WeakMap<RunPlan, PlanIndex>();

function createIndex(plan: RunPlan): PlanIndex {
  const dependents = new Map<string, string[]>();
  for (const { name, dependsOn } of plan.tasks) {
    for (const dependency of dependsOn) {
      const known = dependents.get(dependency);
      if (known) known.push(name);
      else dependents.set(dependency, [name]);
    }
  }
  const fingerprints = new Map<PlannedTask, string>();
  return {
    plan,
    taskByName: new Map(plan.tasks.map((task) => [task.name, task])),
    dependentsOf: (task) => dependents.get(task) ?? none,
    leaves: plan.tasks.filter(({ name }) => !dependents.has(name)).map(({ name }) => name),
    fingerprintOf(task) {
      const known = fingerprints.get(task);
      if (known !== undefined) return known;
      const { name, type, dependsOn, when, fanOut, spec } = task;
      const made = hashId('task', canonicalJson({ name, type, dependsOn, when, fanOut, spec: workOf(spec) })).slice(0, 16);
      fingerprints.set(task, made);
      return made;
    },
  };
}

/** The index of a plan; plans never change, so it is kept for as long as the plan is. */
export function indexOf(plan: RunPlan): PlanIndex {
  const known = indexes.get(plan);
  if (known) return known;
  const made = createIndex(plan);
  indexes.set(plan, made);
  return made;
}

/** `task` and everything behind it. */
export function withAllBehind(index: PlanIndex, task: string): ReadonlySet<string> {
  const reached = new Set([task]);
  for (const name of reached) for (const dependent of index.dependentsOf(name)) reached.add(dependent);
  return reached;
}
