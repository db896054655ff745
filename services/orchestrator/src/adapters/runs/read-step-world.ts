import { VigilError } from '@vigil/core';
import type { Transaction } from '@vigil/postgres';
import type { RunPlan } from '@vigil/workflows';
import type { StepInput } from '../../domain/runs/run-store.ts';
import { restoreState } from '../../domain/runs/stored-state.ts';
import type { StepWorld } from '../../domain/runs/take-steps.ts';
import type { FindPlan } from './new-runs.ts';
import type { PartRowsReader } from './part-rows.ts';
import { lockRuns, takeIn, type RunRow } from './run-rows.ts';
import { lockParts } from './task-rows.ts';

/** All that steps are taken on, but the reducer; the runs as rows, which know more than it asks for. */
export type ReadWorld = Omit<StepWorld, 'runs' | 'decide'> & { readonly rows: ReadonlyMap<string, RunRow> };

interface WorldSources {
  readonly findPlan: FindPlan;
  readonly partRows: PartRowsReader;
}

/** Locks the runs that the inputs are about. */
async function lockRows(
  transaction: Transaction,
  inputs: readonly StepInput[],
  partRows: PartRowsReader,
): Promise<{ readonly rows: ReadonlyMap<string, RunRow>; readonly nowMs: number }> {
  const { runs, nowMs } = await lockRuns(transaction, [...new Set(inputs.map(({ runId }) => runId))]);
  const partsOf = await partRows.read(transaction, runs);
  const rows = runs.map((row): RunRow => {
    const parts = partsOf.get(row.runId) ?? new Map();
    return { ...row, state: row.state && restoreState(row.state, parts), parts };
  });
  return { rows: new Map(rows.map((row) => [row.runId, row])), nowMs };
}

/** The plans that the runs are under, and those that they are to move to. */
async function readPlans(
  transaction: Transaction,
  {
    rows,
    inputs,
    findPlan,
  }: { readonly rows: ReadonlyMap<string, RunRow>; readonly inputs: readonly StepInput[]; readonly findPlan: FindPlan },
): Promise<StepWorld['planOf']> {
  const plans = new Map<string, RunPlan>();
  const read = async (workflow: string, version: number): Promise<void> => {
    if (plans.has(`${version} ${workflow}`)) return;
    const plan = await findPlan(transaction, workflow, version);
    if (!plan) throw new VigilError('WORKFLOW_UNKNOWN', { detail: `Workflow ${workflow}, version ${version}.` });
    plans.set(`${version} ${workflow}`, plan);
  };
  for (const { workflow, version } of rows.values()) await read(workflow, version);
  for (const { runId, input } of inputs) {
    const row = input.kind === 'move' ? rows.get(runId) : undefined;
    if (row && input.kind === 'move') await read(row.workflow, input.version);
  }
  return (workflow, version) => plans.get(`${version} ${workflow}`) as RunPlan;
}

/** Leases are renewed without the lock of their run: whether one is over is asked again under it. */
async function readLeases(transaction: Transaction, inputs: readonly StepInput[]): Promise<StepWorld['isLeaseOver']> {
  const lost = inputs.flatMap(({ runId, input }) => (input.kind === 'lost' ? [{ runId, task: input.task, part: input.part }] : []));
  const places = await lockParts(transaction, lost);
  const over = new Set(places.filter(({ isOver }) => isOver).map(({ runId, task, part, epoch }) => [runId, task, part, epoch].join(' ')));
  return (runId, { task, part, epoch }) => over.has([runId, task, part, epoch].join(' '));
}

/**
 * Reads, under locks that are taken in one order, what the steps of these inputs need.
 *
 * @throws VigilError WORKFLOW_UNKNOWN where a run is to move to a version that there is not
 */
export async function readStepWorld(
  transaction: Transaction,
  inputs: readonly StepInput[],
  { findPlan, partRows }: WorldSources,
): Promise<ReadWorld> {
  const { rows, nowMs } = await lockRows(transaction, inputs, partRows);
  const fresh = await takeIn(
    transaction,
    inputs.flatMap(({ messageId }) => messageId ?? []),
  );
  const planOf = await readPlans(transaction, { rows, inputs, findPlan });
  return { rows, planOf, nowMs, fresh, isLeaseOver: await readLeases(transaction, inputs) };
}
