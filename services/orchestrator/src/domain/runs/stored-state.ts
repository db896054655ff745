// How the state of a run is stored: a fan-out of ten thousand parts is not written anew for each of them.
import type { PartState, RunState, TaskState } from '@vigil/workflows';

/** A task with more parts keeps each in a row of its own. Few cost less inside: one value to read and write. */
export const mostPartsInside = 64;

/** A task as it stands in the state of its run: with its parts, or with how many there are in rows. */
export type StoredTask = Omit<TaskState, 'parts'> & { readonly parts: readonly PartState[] | number };
export type StoredState = Omit<RunState, 'tasks'> & { readonly tasks: Readonly<Record<string, StoredTask>> };

/** Parts by task. */
export type PartsByTask = ReadonlyMap<string, readonly PartState[]>;

/** What of the rows a step changes. */
export interface PartRows {
  readonly written: readonly { readonly task: string; readonly part: number; readonly state: PartState }[];
  /** Rows from part `from` on are not wanted any more. */
  readonly removed: readonly { readonly task: string; readonly from: number }[];
}

const areInRows = ({ parts }: { readonly parts: StoredTask['parts'] }): boolean => typeof parts === 'number';

/** Names of the tasks whose parts stand in rows. */
export const tasksInRows = (stored: StoredState | null): readonly string[] =>
  // A state that was broken by hand is found by the reducer, run by run; not here, for a whole batch.
  Object.entries(stored?.tasks ?? {}).flatMap(([name, task]) => (areInRows(task) ? [name] : []));

/**
 * The state as the reducer knows it.
 *
 * @throws TypeError where other rows stand there than the state tells of
 */
export function restoreState(stored: StoredState, rows: PartsByTask): RunState {
  const names = tasksInRows(stored);
  if (names.length === 0) return stored as RunState;
  const tasks = { ...stored.tasks } as Record<string, TaskState>;
  for (const name of names) {
    const { parts: count, ...task } = stored.tasks[name] as StoredTask;
    const parts = rows.get(name) ?? [];
    if (parts.length !== count) throw new TypeError(`Task ${name} has ${Number(count)} parts and ${parts.length} rows of parts.`);
    tasks[name] = { ...task, parts };
  }
  return { ...stored, tasks };
}

/** The state as it is stored after a step, and which rows differ from those that stand there. @param rows  as they were read */
export function storeState(after: RunState, rows: PartsByTask): { readonly state: StoredState; readonly parts: PartRows } {
  const written: PartRows['written'][number][] = [];
  const removed: PartRows['removed'][number][] = [];
  const large: [string, StoredTask][] = [];
  for (const [name, task] of Object.entries(after.tasks)) {
    const before = rows.get(name) ?? [];
    const isLarge = task.parts.length > mostPartsInside;
    const length = isLarge ? task.parts.length : 0;
    // Of a task that had no rows as far as its state tells, an earlier version may have left some.
    const mayHaveMore = before.length > length || (isLarge && before.length === 0);
    if (mayHaveMore) removed.push({ task: name, from: length });
    if (!isLarge) continue;
    large.push([name, { ...task, parts: length }]);
    for (const [part, state] of task.parts.entries()) if (state !== before[part]) written.push({ task: name, part, state });
  }
  for (const [name, { length }] of rows) if (!Object.hasOwn(after.tasks, name) && length > 0) removed.push({ task: name, from: 0 });
  const state: StoredState = large.length === 0 ? after : { ...after, tasks: { ...after.tasks, ...Object.fromEntries(large) } };
  return { state, parts: { written, removed } };
}
