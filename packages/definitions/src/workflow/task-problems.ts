import { didYouMean } from '../did-you-mean.ts';
import { knownParameters } from './function-parameters.ts';
import { loadProblemsOf } from './load-problems.ts';
import { namedParameters } from './parameter-references.ts';
import type { GraphProblem } from './task-graph.ts';
import type { TaskDefinition } from './task-schemas.ts';

type Path = readonly (string | number)[];

const problem = (path: Path, message: string): GraphProblem => ({ path, message });

function exactlyOne(task: object, fields: readonly string[]): GraphProblem[] {
  const found = fields.filter((field) => (task as Readonly<Record<string, unknown>>)[field] !== undefined);
  if (found.length === 1) return [];
  return [problem([], `expected one of ${fields.join(', ')}, found ${found.length === 0 ? 'none' : found.join(' and ')}`)];
}

/** Rows of a table are published while it is read: only a file is known as a whole before. */
const fileQualityProblems = (task: Extract<TaskDefinition, { type: 'batch' }>): GraphProblem[] =>
  task.quality === undefined || task.file_pattern !== undefined
    ? []
    : [problem(['quality'], 'expected with file_pattern; a table is judged behind its extraction, by a task of type validation')];

function choiceProblems(task: TaskDefinition): GraphProblem[] {
  if (task.type === 'batch') return [...exactlyOne(task, ['file_pattern', 'table']), ...fileQualityProblems(task), ...loadProblemsOf(task)];
  if (task.type === 'wait') return exactlyOne(task, ['duration', 'until']);
  const empty = task.type === 'validation' && task.rules === undefined && task.quality === undefined;
  return empty ? [problem([], 'expected rules, quality or both')] : [];
}

/** Of functions whose parameters are known. */
function functionProblems(task: TaskDefinition): GraphProblem[] {
  if (task.type !== 'transformation' || task.function === undefined) return [];
  const known = knownParameters[task.function];
  return (known?.safeParse(task.parameters).error?.issues ?? []).flatMap((issue) => {
    const path = ['parameters', ...(issue.path as string[])];
    if (issue.code !== 'unrecognized_keys') return [problem(path, issue.message)];
    const hint = (key: string): string => didYouMean(key, Object.keys(known?.shape ?? {}));
    return issue.keys.map((key) => ({ path: [...path, key], key, message: `unknown field ${key}${hint(key)}` }));
  });
}

/** What comes before a task is what it depends on directly: nothing else is sure to have ended. */
const dependencyProblem = (task: TaskDefinition, name: string, path: Path): GraphProblem[] =>
  task.depends_on.includes(name)
    ? []
    : [problem(path, `${task.name} does not depend on ${name.slice(0, 100)}${didYouMean(name, task.depends_on)}`)];

function fanOutProblems(task: TaskDefinition): GraphProblem[] {
  const from = 'fan_out' in task ? task.fan_out?.from : undefined;
  return from === undefined ? [] : dependencyProblem(task, from.split('.')[0] ?? '', ['fan_out', 'from']);
}

/** A definition that declares no parameter takes any. */
const undeclared = (name: string, declared: readonly string[], path: Path): GraphProblem[] =>
  declared.length === 0 || declared.includes(name)
    ? []
    : [problem(path, `the workflow declares no parameter ${name.slice(0, 100)}${didYouMean(name, declared)}`)];

function conditionProblems(task: TaskDefinition, declared: readonly string[]): GraphProblem[] {
  return (task.when ?? []).flatMap(({ left: [subject = '', name = ''] }) =>
    subject === 'parameters' ? undeclared(name, declared, ['when']) : dependencyProblem(task, subject, ['when']),
  );
}

function referenceProblems(task: TaskDefinition, declared: readonly string[]): GraphProblem[] {
  if (!('parameters' in task)) return [];
  return Object.entries(task.parameters).flatMap(([key, value]) =>
    namedParameters(value).flatMap((name) => undeclared(name, declared, ['parameters', key])),
  );
}

/**
 * What is wrong within tasks beyond the shape of their fields.
 *
 * @param declared  names of the workflow's parameters
 */
export const taskProblemsOf = (tasks: readonly TaskDefinition[], declared: readonly string[]): GraphProblem[] =>
  tasks.flatMap((task, at) =>
    [
      ...choiceProblems(task),
      ...functionProblems(task),
      ...fanOutProblems(task),
      ...conditionProblems(task, declared),
      ...referenceProblems(task, declared),
    ].map((each) => ({ ...each, path: ['tasks', at, ...each.path] })),
  );
