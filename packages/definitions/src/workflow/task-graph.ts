import { didYouMean } from '../did-you-mean.ts';
import { maxProblems } from '../read-document.ts';
import type { TaskDefinition } from './task-schemas.ts';

export interface GraphProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** The name of the field is meant, not its value. */
  readonly key?: string;
}

/** Each suggestion compares a word with every name. */
const maxSuggestions = 5;

function unknownNames(tasks: readonly TaskDefinition[]): GraphProblem[] {
  const names = new Set(tasks.map(({ name }) => name));
  const problems: GraphProblem[] = [];
  for (const [at, task] of tasks.entries()) {
    for (const [index, needed] of task.depends_on.entries()) {
      if (names.has(needed)) continue;
      if (problems.length >= maxProblems) return problems;
      const hint = problems.length < maxSuggestions ? didYouMean(needed, [...names]) : '';
      problems.push({ path: ['tasks', at, 'depends_on', index], message: `no task is named ${needed}${hint}` });
    }
  }
  return problems;
}

function repeatedNames(tasks: readonly TaskDefinition[]): GraphProblem[] {
  const seen = new Set<string>();
  return tasks.flatMap(({ name }, at) => {
    if (seen.has(name)) return [{ path: ['tasks', at, 'name'], message: `another task is already named ${name}` }];
    seen.add(name);
    return [];
  });
}

/** Tasks by the name of what they depend on. */
function tasksBehind(tasks: readonly TaskDefinition[]): Map<string, number[]> {
  const behind = new Map<string, number[]>(tasks.map(({ name }) => [name, []]));
  for (const [at, task] of tasks.entries()) for (const needed of new Set(task.depends_on)) behind.get(needed)?.push(at);
  return behind;
}

/** Tasks that are left when every task whose needs are met has been taken away: those on a circle or behind one. Linear in tasks and needs. */
function circularTasks(tasks: readonly TaskDefinition[]): GraphProblem[] {
  const behind = tasksBehind(tasks);
  const open = tasks.map((task) => [...new Set(task.depends_on)].filter((needed) => behind.has(needed)).length);
  const free = [...open.keys()].filter((at) => open[at] === 0);
  for (const at of free) {
    for (const next of behind.get(tasks[at]?.name ?? '') ?? []) {
      open[next] = (open[next] ?? 0) - 1;
      // Grows while it is walked: that is the walk.
      if (open[next] === 0) free.push(next);
    }
  }
  return [...open.entries()]
    .filter(([, left]) => left > 0)
    .map(([at]) => ({ path: ['tasks', at, 'depends_on'], message: 'the task waits for itself in a circle' }));
}

/** What is wrong between tasks: names that repeat, needs that no task meets, circles. */
export function graphProblemsOf(tasks: readonly TaskDefinition[]): GraphProblem[] {
  const repeated = repeatedNames(tasks);
  // With two tasks of one name nobody can say which is meant.
  return [...repeated, ...unknownNames(tasks), ...(repeated.length > 0 ? [] : circularTasks(tasks))];
}
