import { didYouMean } from '../did-you-mean.ts';
import type { TaskDefinition } from './task-schemas.ts';

export interface GraphProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

function unknownNames(tasks: readonly TaskDefinition[]): GraphProblem[] {
  const names = tasks.map(({ name }) => name);
  return tasks.flatMap((task, at) =>
    task.depends_on.flatMap((needed, index) =>
      names.includes(needed)
        ? []
        : [{ path: ['tasks', at, 'depends_on', index], message: `no task is named ${needed}${didYouMean(needed, names)}` }],
    ),
  );
}

function repeatedNames(tasks: readonly TaskDefinition[]): GraphProblem[] {
  const firstAt = new Map<string, number>();
  return tasks.flatMap(({ name }, at) => {
    if (firstAt.has(name)) return [{ path: ['tasks', at, 'name'], message: `another task is already named ${name}` }];
    firstAt.set(name, at);
    return [];
  });
}

/** Tasks that are left when every task whose needs are met has been taken away: those on a circle or behind one. */
function circularTasks(tasks: readonly TaskDefinition[]): GraphProblem[] {
  let left = tasks;
  for (;;) {
    const waiting = new Set(left.map(({ name }) => name));
    const next = left.filter((task) => task.depends_on.some((needed) => waiting.has(needed)));
    if (next.length === left.length) break;
    left = next;
  }
  return left.map((task) => ({ path: ['tasks', tasks.indexOf(task), 'depends_on'], message: 'the task waits for itself in a circle' }));
}

/** What is wrong between tasks: names that repeat, needs that no task meets, circles. */
export const graphProblemsOf = (tasks: readonly TaskDefinition[]): GraphProblem[] => [
  ...repeatedNames(tasks),
  ...unknownNames(tasks),
  ...circularTasks(tasks),
];
