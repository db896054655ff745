import { didYouMean } from '../did-you-mean.ts';
import { loadTableOf, loadTables } from './load-tables.ts';
import type { GraphProblem } from './task-graph.ts';
import type { TaskDefinition } from './task-schemas.ts';

type BatchTask = Extract<TaskDefinition, { type: 'batch' }>;

function columnProblems({ columns }: BatchTask, destination: string): GraphProblem[] {
  const known = loadTableOf(destination)?.columns ?? {};
  if (columns === undefined) return [];
  const unknown = Object.keys(columns).filter((column) => !Object.hasOwn(known, column));
  const left = Object.entries(known).flatMap(([column, { required }]) => (required && !Object.hasOwn(columns, column) ? [column] : []));
  return [
    ...unknown.map((column) => ({
      path: ['columns', column],
      key: column,
      message: `${destination} has no column ${column.slice(0, 100)}${didYouMean(column, Object.keys(known))}`,
    })),
    ...(left.length === 0 ? [] : [{ path: ['columns'], message: `${destination} also needs ${left.join(', ')}` }]),
  ];
}

/** Of a task that loads files into a table: whether there is such a table, with such columns. */
export function loadProblemsOf(task: BatchTask): GraphProblem[] {
  const { destination, columns, file_pattern: files } = task;
  if (destination === undefined)
    return columns === undefined ? [] : [{ path: ['columns'], message: 'expected with destination: the columns are those of its table' }];
  if (files === undefined)
    return [{ path: ['destination'], message: 'expected with file_pattern; rows of a table go through the stream, to its topic' }];
  if (loadTableOf(destination) === undefined) {
    const hint = didYouMean(destination, Object.keys(loadTables));
    return [{ path: ['destination'], message: `no table that files may be loaded into is named ${destination.slice(0, 100)}${hint}` }];
  }
  return columnProblems(task, destination);
}
