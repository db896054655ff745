import type { Condition } from '../plan/run-plan.ts';
import type { RunState, TaskState } from './run-state.ts';

const fieldOf = (value: unknown, field: string): unknown =>
  value !== null && typeof value === 'object' && Object.hasOwn(value, field)
    ? (value as Readonly<Record<string, unknown>>)[field]
    : undefined;

/** What a condition sees of a task. */
const viewOf = ({ status, result, error }: TaskState) => ({ status, counts: result?.counts, values: result?.values, error });

/** The value at the left of a condition; undefined where the run has none. */
export function leftOf({ left }: Condition, { parameters, tasks }: Pick<RunState, 'parameters' | 'tasks'>): unknown {
  const [root = '', ...fields] = left;
  const task = Object.hasOwn(tasks, root) ? tasks[root] : undefined;
  const start: unknown = root === 'parameters' ? parameters : task && viewOf(task);
  return fields.reduce(fieldOf, start);
}

/** Equal only as the same type; order only between two numbers or two texts. A value that is not there differs from all. */
export function conditionHolds(condition: Condition, run: Pick<RunState, 'parameters' | 'tasks'>): boolean {
  const left = leftOf(condition, run);
  const { operator, right } = condition;
  if (operator === '==') return left === right;
  if (operator === '!=') return left !== right;
  const comparable = (typeof left === 'number' && typeof right === 'number') || (typeof left === 'string' && typeof right === 'string');
  if (!comparable) return false;
  switch (operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
  }
}

export const writeCondition = ({ left, operator, right }: Condition): string => `${left.join('.')} ${operator} ${JSON.stringify(right)}`;
