/** A part of a task that is not running, as the projection shows it. */
export interface BlockedTask {
  readonly task: string;
  readonly part: number;
  readonly partKey: string;
  readonly pool: string | null;
  readonly state: string;
  readonly attempt: number;
  readonly blockedReason: string | null;
  /** What holds it; empty or null = nothing is known. */
  readonly blockedBy: string | null;
  readonly error: { readonly code: string; readonly detail: string } | null;
}

/** Ends of sentences by the reason that the projection tells; `by` is never empty there. */
const endings: Readonly<Record<string, (by: string, task: BlockedTask) => string>> = {
  waiting_for_task: (by) => `waits for ${by} to end`,
  queued: (by) => `is queued in pool ${by}; the dispatcher has not looked at it yet`,
  pool_full: (by, { pool }) => `waits for room in pool ${pool ?? 'default'}, held by ${by}`,
  too_large: (by, { pool }) => `needs more than pool ${pool ?? 'default'} has (${by}); enlarge the pool or lower the task’s weight`,
  behind_others: (by) => `waits for its turn behind ${by}`,
  no_worker: (by) => `waits for a worker: none of pool ${by} was heard of lately`,
  run_paused: (by) => `stands because the run is paused: ${by}`,
  run_cancelling: (by) => `stands because the run is being cancelled: ${by}`,
  retry_at: (by, { attempt, error }) =>
    `waits until ${by} for attempt ${attempt + 1}${error ? `, because attempt ${attempt} failed with ${error.code}` : ''}`,
  waiting_until: (by) => `waits until ${by}, as its definition says`,
  // A sentence: why the task asks; else the names of those who may answer.
  held_for_approval: (by) =>
    by.endsWith('.') ? `waits for a person to approve or decline: ${by.slice(0, -1)}` : `waits for ${by} to approve or decline`,
  waiting_for_run: (by) => `waits for run ${by} that it started`,
  with_worker: (by) => `was handed to ${by}, which has not said yet that it began`,
  stopping: (by) => `waits for ${by} to stop it`,
};

/** The same where nothing is known of what holds it. */
const unnamed: Readonly<Record<string, string>> = {
  waiting_for_task: 'is about to start: nothing that it depends on is open',
  queued: 'is queued; the dispatcher has not looked at it yet',
  pool_full: 'waits for room in its pool',
  too_large: 'needs more than its pool has; enlarge the pool or lower the task’s weight',
  behind_others: 'waits for its turn behind other tasks',
  no_worker: 'waits for a worker: none of its pool was heard of lately',
  run_paused: 'stands because the run is paused',
  run_cancelling: 'stands because the run is being cancelled',
  retry_at: 'waits for its next attempt',
  waiting_until: 'waits as its definition says',
  held_for_approval: 'waits for a person to approve or decline',
  waiting_for_run: 'waits for the run that it started',
  with_worker: 'was handed to a worker that has not said yet that it began',
  stopping: 'waits for its worker to stop',
};

/** Exactly one sentence that says why a part of a task is not running, and what or who holds it. */
export function explainTask(task: BlockedTask): string {
  const { blockedReason: reason, blockedBy: by } = task;
  const part = task.part > 0 || task.partKey !== '' ? ` (part ${task.partKey === '' ? task.part : task.partKey})` : '';
  const ending = reason === null ? undefined : by === null || by === '' ? unnamed[reason] : endings[reason]?.(by, task);
  return `${task.task}${part} ${ending ?? `is ${task.state}${reason === null ? '' : `: ${reason}`}`}.`;
}
