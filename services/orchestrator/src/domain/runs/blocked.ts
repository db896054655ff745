/**
 * Why a part of a task is not running, for programs.
 *
 * - `waiting_for_task`   tasks it depends on have not ended
 * - `queued`             the dispatcher has not looked at it yet
 * - `pool_full`          no slot or not enough CPU, memory or I/O is free in its pool
 * - `too_large`          it needs more than its pool has
 * - `behind_others`      others go first: priority, or their workflow's turn
 * - `no_worker`          no worker of its pool was heard of lately
 * - `run_paused`, `run_cancelling`
 * - `retry_at`           the next attempt begins then
 * - `waiting_until`      a `wait` task ends then
 * - `held_for_approval`  a person decides
 * - `waiting_for_run`    the run that it started has not ended
 * - `with_worker`        it was handed out, its worker has not said yet that it began
 * - `stopping`           its worker was told to stop
 */
export const blockedReasons = [
  'waiting_for_task',
  'queued',
  'pool_full',
  'too_large',
  'behind_others',
  'no_worker',
  'run_paused',
  'run_cancelling',
  'retry_at',
  'waiting_until',
  'held_for_approval',
  'waiting_for_run',
  'with_worker',
  'stopping',
] as const;
export type BlockedReason = (typeof blockedReasons)[number];

/** Why, and who or what holds it: tasks, `workflow/task of run …`, a time in RFC 3339, approvers, a pool. */
export interface Blocked {
  readonly reason: BlockedReason;
  readonly by: string;
}
