import type { SortedRun } from './sorted-run.ts';
import type { TimerRow } from './wait-rows.ts';

/** Timers that the steps of a run set and cleared. */
export const timersOf = ({ row, sorted }: SortedRun): { set: TimerRow[]; cleared: { runId: string; timer: string }[] } => {
  const set: TimerRow[] = [];
  const cleared: { runId: string; timer: string }[] = [];
  for (const [timer, due] of sorted.timers) {
    if (due) set.push({ runId: row.runId, timer, atMs: Math.ceil(due.atMs), key: { timer: due.timer } });
    else cleared.push({ runId: row.runId, timer });
  }
  return { set, cleared };
};

/** What this step tells other runs: theirs are other locks, so they take it in a transaction of their own. */
export function inputsForOthers({ row, sorted }: SortedRun, nowMs: number): TimerRow[] {
  const due: TimerRow[] = sorted.cancelled.map(({ childRunId }) => ({
    runId: childRunId,
    timer: `cancel/${row.runId}`,
    atMs: nowMs,
    key: { input: { kind: 'cancel', by: `run ${row.runId}`, reason: 'The run that started it was cancelled.' } },
  }));
  const { ended } = sorted;
  if (ended && row.parentRunId !== null && row.parentTask !== null) {
    const input = {
      kind: 'child-ended',
      task: row.parentTask,
      part: row.parentPart ?? 0,
      childRunId: row.runId,
      status: ended.status,
      result: ended.result,
    } as const;
    due.push({ runId: row.parentRunId, timer: `child/${row.runId}`, atMs: nowMs, key: { input } });
  }
  return due;
}
