import { workflowPools } from '@vigil/contracts';
import type { Transaction } from '@vigil/postgres';
import { projectRun } from '../../domain/runs/project-run.ts';
import type { EndedRun, FallenTask, RunHooks, ToldStep } from '../../domain/runs/run-hooks.ts';
import { sortEffects, type SortedEffects } from '../../domain/runs/sort-effects.ts';
import type { RunSteps } from '../../domain/runs/take-steps.ts';
import type { Aftermath } from './aftermath.ts';
import { putOut } from './outbox-rows.ts';
import type { RunRow } from './run-rows.ts';
import { saveTasks } from './save-tasks.ts';
import type { SortedRun } from './sorted-run.ts';
import { approvalsOf } from './step-approvals.ts';
import { inputsForOthers, timersOf } from './step-timers.ts';
import { stopWithdrawn } from './stop-withdrawn.ts';
import { changeApprovals, clearTimers, setTimers } from './wait-rows.ts';

export interface SaveOptions {
  readonly hooks: RunHooks<Transaction>;
  readonly leaseMs: number;
  /** How long messages are this process's to publish; 0 = the relay publishes them. */
  readonly claimMs: number;
}

/** Runs to start, which the caller does: starting one is a step, too. */
export interface SavedSteps extends Aftermath {
  readonly children: readonly { readonly row: RunRow; readonly effect: SortedEffects['started'][number] }[];
}

const endedOf = ({ row, sorted, after }: SortedRun): EndedRun[] =>
  sorted.ended
    ? [
        {
          runId: row.runId,
          workflow: row.workflow,
          version: after.version,
          scheduleId: row.scheduleId,
          scheduledForMs: row.scheduledForMs,
          trigger: row.trigger,
          status: sorted.ended.status,
          result: sorted.ended.result,
        },
      ]
    : [];

const fallenOf = ({ row, sorted }: SortedRun): FallenTask[] =>
  sorted.fallen.map(({ task, action, error }) => ({ runId: row.runId, workflow: row.workflow, batchId: row.batchId, task, action, error }));

const toldOf = ({ row, taken }: SortedRun): ToldStep[] => taken.map((step) => ({ ...step, scheduledForMs: row.scheduledForMs }));

/** Writes all that steps changed, in few statements of many rows. */
export async function saveSteps(
  transaction: Transaction,
  { runs, rows, nowMs }: { readonly runs: readonly RunSteps[]; readonly rows: ReadonlyMap<string, RunRow>; readonly nowMs: number },
  { hooks, leaseMs, claimMs }: SaveOptions,
): Promise<SavedSteps> {
  const sorted = runs.map((run): SortedRun => ({
    ...run,
    row: rows.get(run.run.runId) as RunRow,
    sorted: sortEffects(run.effects),
    changes: projectRun(run.plan, run as { before: typeof run.before; after: typeof run.after }, run.effects),
  }));
  const stops = await stopWithdrawn(transaction, sorted, nowMs);
  const pools = await saveTasks(transaction, sorted, leaseMs);
  const timers = sorted.map(timersOf);
  const others = [...stops.stopped, ...sorted.flatMap((run) => inputsForOthers(run, nowMs))];
  await clearTimers(
    transaction,
    timers.flatMap(({ cleared }) => cleared),
  );
  await setTimers(transaction, [...timers.flatMap(({ set }) => set), ...others]);
  await changeApprovals(transaction, sorted.flatMap(approvalsOf));
  const told = hooks.tell?.(sorted.flatMap(toldOf)) ?? [];
  const messages = await putOut(transaction, [...stops.messages, ...told], claimMs);
  const fallen = sorted.flatMap(fallenOf);
  if (fallen.length > 0) await hooks.fellBack?.(transaction, fallen);
  const ended = sorted.flatMap(endedOf);
  if (ended.length > 0) await hooks.ended?.(transaction, ended);
  const children = sorted.flatMap(({ row, sorted: { started } }) => started.map((effect) => ({ row, effect })));
  // What the hook began stands in queues that we were not told of.
  const everywhere = ended.length > 0 && hooks.ended !== undefined;
  const left = runs.filter(({ taken }) => taken.length > 0).map(({ run: { runId }, seq, after }) => ({ runId, seq, after }));
  return { messages, pools: everywhere ? new Set(workflowPools) : pools, hasDue: others.length > 0, left, children };
}
