import type { PlannedTask, TaskError, TaskResult } from '@vigil/workflows';
import type { Blocked } from './blocked.ts';
import type { StoredTaskState } from './run-reader.ts';

/** A row of the projection as a step leaves it. */
export interface TaskChange {
  readonly planned: PlannedTask;
  readonly part: number;
  readonly partKey: string;
  readonly state: StoredTaskState;
  readonly attempt: number;
  readonly epoch: number;
  readonly blocked: Blocked | null;
  readonly worker: string | null;
  readonly health: string | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly result: TaskResult | null;
  readonly error: TaskError | null;
  readonly childRunId: string | null;
}

const withWorkers: ReadonlySet<StoredTaskState> = new Set(['requested', 'running', 'stopping']);

/** Whether a worker may have it: only then it keeps its slot and its lease. */
export const isWithWorker = ({ state, planned }: Pick<TaskChange, 'state' | 'planned'>): boolean =>
  planned.pool !== null && withWorkers.has(state);
