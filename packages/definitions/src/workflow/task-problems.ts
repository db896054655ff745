import type { GraphProblem } from './task-graph.ts';
import type { TaskDefinition } from './task-schemas.ts';
import { knownParameters } from './function-parameters.ts';

type Say = (path: readonly (string | number)[], message: string) => GraphProblem;

const exactlyOne = (task: object, fields: readonly string[]): string | null => {
  const found = fields.filter((field) => (task as Readonly<Record<string, unknown>>)[field] !== undefined);
  return found.length === 1 ? null : `expected one of ${fields.join(', ')}, found ${found.length === 0 ? 'none' : found.join(' and ')}`;
};

function choiceProblem(task: TaskDefinition): string | null {
  if (task.type === 'batch') return exactlyOne(task, ['file_pattern', 'table', 'query']);
  if (task.type === 'wait') return exactlyOne(task, ['duration', 'until']);
  if (task.type === 'validation' && task.rules === undefined && task.quality === undefined) return 'expected rules, quality or both';
  return null;
}

function parameterProblems(task: TaskDefinition, say: Say): GraphProblem[] {
  if (task.type !== 'transformation' || task.function === undefined) return [];
  const parsed = knownParameters[task.function]?.safeParse(task.parameters);
  return (parsed?.error?.issues ?? []).map(({ path, message }) => say(['parameters', ...(path as string[])], message));
}

/** What is wrong within a task beyond the shape of its fields. */
export const taskProblemsOf = (tasks: readonly TaskDefinition[]): GraphProblem[] =>
  tasks.flatMap((task, at) => {
    const say: Say = (path, message) => ({ path: ['tasks', at, ...path], message });
    const choice = choiceProblem(task);
    return [...(choice === null ? [] : [say([], choice)]), ...parameterProblems(task, say)];
  });
