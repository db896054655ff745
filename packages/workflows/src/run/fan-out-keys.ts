import type { FanOut } from '../plan/run-plan.ts';
import type { TaskState } from './run-state.ts';

/** More parts than this are refused: each is a row, a message and a share of the state. */
export const maxParts = 10_000;

const refuse = (detail: string): { readonly refused: string } => ({ refused: detail });

/** The keys of the parts of a task, or why they cannot be told. A list of a task that gave no result is empty. */
export function fanOutKeys(fanOut: FanOut, tasks: Readonly<Record<string, TaskState>>): readonly string[] | { readonly refused: string } {
  switch (fanOut.over) {
    case 'count':
      return fanOut.count > maxParts ? refuse('too many parts') : Array.from({ length: fanOut.count }, (_, part) => String(part));
    case 'values':
      return fanOut.values.length > maxParts ? refuse('too many parts') : fanOut.values;
    case 'result': {
      const { task, field } = fanOut;
      const result = Object.hasOwn(tasks, task) ? tasks[task]?.result : null;
      if (!result) return [];
      const list = Object.hasOwn(result.values, field) ? result.values[field] : undefined;
      if (!Array.isArray(list)) return refuse(`${task} gave no list ${field}`);
      if (list.length > maxParts) return refuse('too many parts');
      return list.every((item) => typeof item === 'string') ? list : refuse(`${field} of ${task} is not a list of texts`);
    }
  }
}
