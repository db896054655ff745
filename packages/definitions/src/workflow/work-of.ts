import type { TaskDefinition } from './task-schemas.ts';

/** What changes how a task is tried, or what people read, but not what it gives. */
const fieldsAroundTheWork: ReadonlySet<string> = new Set([
  'description',
  'retry',
  'timeout',
  'pool',
  'weight',
  'on_failure',
  'fallback_action',
]);

/**
 * The part of a task that decides what it gives. A run that moves to another version keeps the result of a task where this
 * is the same; `vigil workflows diff` foretells it with the same words.
 */
export const workOf = (task: TaskDefinition): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(task).filter(([field]) => !fieldsAroundTheWork.has(field)));
