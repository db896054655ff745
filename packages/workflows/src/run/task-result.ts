import { emptyResult } from './draft.ts';
import type { PartState, RunState, TaskResult } from './run-state.ts';

type Counts = Readonly<Record<string, number>>;

function addedUp(all: readonly Counts[]): Counts {
  const sums = new Map<string, number>();
  for (const counts of all) for (const [name, count] of Object.entries(counts)) sums.set(name, (sums.get(name) ?? 0) + count);
  return Object.fromEntries(sums);
}

/** Of a task with one part its result as it is; of several the counts added up, without values: those would grow with the parts. */
export function resultOfParts(parts: readonly PartState[]): TaskResult {
  const results = parts.flatMap(({ result }) => (result ? [result] : []));
  const [only] = results;
  if (parts.length === 1 && only) return only;
  return { ...emptyResult, counts: addedUp(results.map(({ counts }) => counts)) };
}

/** Of a run: what the tasks gave that nothing depends on; counts added up, of values with one name the last. */
export function resultOfRun(leaves: readonly string[], tasks: RunState['tasks']): TaskResult {
  const results = leaves.flatMap((name) => tasks[name]?.result ?? []);
  const [only] = results;
  if (results.length === 1 && only) return only;
  return {
    counts: addedUp(results.map(({ counts }) => counts)),
    values: Object.assign({}, ...results.map(({ values }) => values)) as Readonly<Record<string, unknown>>,
    ref: null,
  };
}
