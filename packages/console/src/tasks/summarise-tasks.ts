import type { TaskRun } from '../generated/api-types.ts';
import { gravestOf, isOver, signOf, type TaskState } from './state-sign.ts';

/** A task with all of its parts. */
export interface TaskSummary {
  readonly task: string;
  readonly type: string;
  readonly state: TaskState;
  /** The highest attempt of its parts; 0 = none began. */
  readonly attempt: number;
  readonly parts: number;
  readonly partsOver: number;
}

/** The tasks of a run in their order, with the parts of one task as one. */
export function summariseTasks(tasks: readonly TaskRun[]): TaskSummary[] {
  return [...Map.groupBy(tasks, ({ task }) => task)].map(([task, parts]) => ({
    task,
    type: parts[0]?.type ?? '',
    state: gravestOf(parts.map(({ state }) => state)),
    attempt: Math.max(...parts.map(({ attempt }) => attempt)),
    parts: parts.length,
    partsOver: parts.filter(({ state }) => isOver(state)).length,
  }));
}

/** In words: `running, 2 of 5 parts over, attempt 3`. */
export function summaryText({ state, parts, partsOver, attempt }: TaskSummary): string {
  const words = [signOf(state).text];
  if (parts > 1) words.push(`${partsOver} of ${parts} parts over`);
  if (attempt > 1) words.push(`attempt ${attempt}`);
  return words.join(', ');
}
