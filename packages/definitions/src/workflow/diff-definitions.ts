import { canonicalJson } from '../canonical-json.ts';
import type { TaskDefinition } from './task-schemas.ts';
import { workOf } from './work-of.ts';
import type { WorkflowDefinition } from './workflow-schema.ts';

export interface FieldChange {
  readonly field: string;
  /** Undefined = not there. */
  readonly before: unknown;
  readonly after: unknown;
}

export interface TaskChange {
  readonly name: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** Empty of tasks that were added or removed. */
  readonly fields: readonly FieldChange[];
}

export interface DefinitionDiff {
  /** Of the workflow: schedule, parameters, error handling, … */
  readonly fields: readonly FieldChange[];
  /** In the order of the new definition, removed ones at the end. */
  readonly tasks: readonly TaskChange[];
  /**
   * Tasks that would give the same again, with all that they depend on: of a run that is moved to the new definition these
   * keep their results.
   */
  readonly unchangedTasks: readonly string[];
}

function changesOf(before: object, after: object, without: readonly string[] = []): FieldChange[] {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((field) => !without.includes(field));
  return fields
    .map((field) => ({
      field,
      before: (before as Readonly<Record<string, unknown>>)[field],
      after: (after as Readonly<Record<string, unknown>>)[field],
    }))
    .filter((change) => canonicalJson(change.before) !== canonicalJson(change.after));
}

const byName = (tasks: readonly TaskDefinition[]): ReadonlyMap<string, TaskDefinition> => new Map(tasks.map((task) => [task.name, task]));

function taskChanges(before: readonly TaskDefinition[], after: readonly TaskDefinition[]): TaskChange[] {
  const old = byName(before);
  const present = byName(after);
  const kept = after.flatMap((task): TaskChange[] => {
    const earlier = old.get(task.name);
    if (earlier === undefined) return [{ name: task.name, change: 'added', fields: [] }];
    const fields = changesOf(earlier, task);
    return fields.length > 0 ? [{ name: task.name, change: 'changed', fields }] : [];
  });
  const removed = before.filter(({ name }) => !present.has(name)).map(({ name }): TaskChange => ({ name, change: 'removed', fields: [] }));
  return [...kept, ...removed];
}

/** Tasks with no changed task among them or before them; linear in tasks and needs. */
function unchangedTasks(before: readonly TaskDefinition[], after: readonly TaskDefinition[]): string[] {
  const old = byName(before);
  const behind = new Map<string, string[]>();
  for (const { name, depends_on: needs } of after) for (const needed of needs) behind.set(needed, [...(behind.get(needed) ?? []), name]);
  const workIn = (tasks: ReadonlyMap<string, TaskDefinition>, name: string): string => {
    const task = tasks.get(name);
    return task === undefined ? '' : canonicalJson(workOf(task));
  };
  const present = byName(after);
  const touched = new Set([...present.keys()].filter((name) => workIn(old, name) !== workIn(present, name)));
  // Grows while it is walked: that is the walk.
  for (const name of touched) for (const dependent of behind.get(name) ?? []) touched.add(dependent);
  return after.map(({ name }) => name).filter((name) => !touched.has(name));
}

/** What changed between two versions of a workflow, by task. */
export const diffDefinitions = (before: WorkflowDefinition, after: WorkflowDefinition): DefinitionDiff => ({
  fields: changesOf(before, after, ['tasks']),
  tasks: taskChanges(before.tasks, after.tasks),
  unchangedTasks: unchangedTasks(before.tasks, after.tasks),
});
