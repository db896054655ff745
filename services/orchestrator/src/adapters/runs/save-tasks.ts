import { workflowPools, type WorkflowPool } from '@vigil/contracts';
import type { Transaction } from '@vigil/postgres';
import type { PlannedTask } from '@vigil/workflows';
import { requestOf, specOf } from '../../domain/runs/request-of.ts';
import { partKeyOf } from '../../domain/runs/sort-effects.ts';
import { storeState } from '../../domain/runs/stored-state.ts';
import { isWithWorker } from '../../domain/runs/task-change.ts';
import { removeParts } from './part-rows.ts';
import type { SavedEvent } from './run-rows.ts';
import { createShareInputs } from './share-inputs.ts';
import type { SortedRun } from './sorted-run.ts';
import { holdQueued, tellProgress, type ProgressRow, type ProjectedTask } from './task-rows.ts';
import { keepPayloads, type PayloadRow } from './wait-rows.ts';
import { writeSteps } from './write-steps.ts';

function projectedOf({ row, plan, after, sorted, changes }: SortedRun, payloads: PayloadRow[]): ProjectedTask[] {
  const { runId, workflow, priority } = row;
  const run = { ...after, version: plan.version };
  const inputOf = createShareInputs(runId, sorted.enqueued.values(), payloads);
  const specs = new Map<PlannedTask, string>();
  const specIn = (planned: PlannedTask): string => {
    const spec = specs.get(planned) ?? specOf(planned, run);
    specs.set(planned, spec);
    return spec;
  };
  return changes.map((change) => {
    const effect = change.state === 'queued' ? sorted.enqueued.get(partKeyOf({ task: change.planned.name, part: change.part })) : undefined;
    const request = effect ? { ...requestOf(change.planned, effect, run), spec: specIn(change.planned), ...inputOf(effect) } : null;
    return { runId, workflow, priority, change, request };
  });
}

const heldOf = ({ row, before, after }: SortedRun): { runId: string; reason: string; by: string }[] => {
  if (before === null || before.status === after.status) return [];
  if (after.status === 'paused') return [{ runId: row.runId, reason: 'run_paused', by: after.reason ?? '' }];
  return before.status === 'paused' && after.status === 'running' ? [{ runId: row.runId, reason: 'queued', by: '' }] : [];
};

const eventsOf = ({ row, taken, seq }: SortedRun): SavedEvent[] =>
  taken.map(({ input, plan, step }, place) => ({
    runId: row.runId,
    seq: seq - taken.length + place + 1,
    version: plan.version,
    input,
    ignored: step.ignored,
  }));

/** The last word of each attempt. */
function progressOf({ row, words }: SortedRun): ProgressRow[] {
  const last = new Map<string, ProgressRow>();
  for (const word of words) {
    const { task, part, epoch, counts } = word;
    last.set(partKeyOf(word), { runId: row.runId, task, part, epoch, counts });
  }
  return [...last.values()];
}

/** Writes state, history and projection of runs. @returns pools in which something was queued or given back */
export async function saveTasks(transaction: Transaction, runs: readonly SortedRun[], leaseMs: number): Promise<Set<WorkflowPool>> {
  const payloads: PayloadRow[] = [];
  const tasks = runs.flatMap((run) => projectedOf(run, payloads));
  await keepPayloads(transaction, payloads);
  const idle = tasks
    .filter(({ change }) => change.planned.pool !== null && change.epoch > 0 && !isWithWorker(change))
    .map(({ runId, change }) => ({ runId, task: change.planned.name, part: change.part }));
  const changed = runs.filter(({ taken }) => taken.length > 0);
  const stored = changed.map(({ row, seq, after }) => ({ ...storeState(after, row.parts), runId: row.runId, seq, version: after.version }));
  await removeParts(
    transaction,
    stored.flatMap(({ runId, parts }) => parts.removed.map((one) => ({ runId, ...one }))),
  );
  const saved = stored.map(({ runId, seq, version, state }) => ({ runId, seq, version, state }));
  const parts = stored.flatMap((run) => run.parts.written.map((one) => ({ runId: run.runId, ...one })));
  const freed = await writeSteps(transaction, { events: runs.flatMap(eventsOf), runs: saved, parts, tasks, idle }, leaseMs);
  await tellProgress(transaction, runs.flatMap(progressOf));
  const held = runs.flatMap(heldOf);
  await holdQueued(transaction, held);
  if (held.length > 0) return new Set(workflowPools);
  const queued = tasks.filter(({ request }) => request !== null).map(({ change }) => change.planned.pool);
  return new Set([...freed, ...queued] as WorkflowPool[]);
}
