import type { ScheduleDefinition } from '@vigil/definitions';

export type Overlap = Extract<ScheduleDefinition, { type: 'cron' }>['overlap'];

/** A run of the schedule that has not ended, oldest first. */
export interface OpenRun {
  readonly runId: string;
  /** `waiting`: queued behind another run of its schedule. */
  readonly status: 'waiting' | 'running';
}

export interface FireDecision {
  /** When the schedule was due; the run's data time, whenever it starts. */
  readonly scheduledFor: number;
  readonly decision: 'started' | 'queued' | 'skipped-overlap' | 'skipped-catch-up';
  /** Runs to cancel before it starts; only of overlap `cancel`. */
  readonly cancels?: readonly string[];
}

type Decision = FireDecision['decision'];

/** Whether one more run starts beside `running` and `waiting` others. */
function decideOne(overlap: Exclude<Overlap, 'cancel'>, running: number, waiting: number): Decision {
  if (overlap === 'allow' || running + waiting === 0) return 'started';
  return overlap === 'queue1' && waiting === 0 ? 'queued' : 'skipped-overlap';
}

/** Only the last is worth starting: each would be cancelled by the one behind it. */
const decideCancelling = (times: readonly number[], openRuns: readonly OpenRun[]): FireDecision[] =>
  times.map((scheduledFor, at) =>
    at < times.length - 1
      ? { scheduledFor, decision: 'skipped-overlap' }
      : { scheduledFor, decision: 'started', ...(openRuns.length > 0 && { cancels: openRuns.map(({ runId }) => runId) }) },
  );

/**
 * What becomes of runs that are wanted, given those that are open: also for fires of events, files and upstream workflows.
 *
 * @param times  ascending; the first that may start does
 */
export function decideOverlap(overlap: Overlap, times: readonly number[], openRuns: readonly OpenRun[]): FireDecision[] {
  if (overlap === 'cancel') return decideCancelling(times, openRuns);
  let running = openRuns.filter(({ status }) => status === 'running').length;
  let waiting = openRuns.length - running;
  return times.map((scheduledFor) => {
    const decision = decideOne(overlap, running, waiting);
    if (decision === 'started') running++;
    if (decision === 'queued') waiting++;
    return { scheduledFor, decision };
  });
}
