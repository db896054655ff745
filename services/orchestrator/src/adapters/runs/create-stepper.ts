import { VigilError } from '@vigil/core';
import { fillParameters } from '@vigil/definitions';
import type { Transaction } from '@vigil/postgres';
import type { Decide, RunPlan } from '@vigil/workflows';
import type { NewRun, RequestedRun, RunHooks, StepInput, StepResult } from '../../domain/runs/ports.ts';
import { takeSteps, type RunSteps } from '../../domain/runs/take-steps.ts';
import { createFindDefaults, insertRuns, readInForce, type FindPlan } from './new-runs.ts';
import { lockRuns, takeIn, type RunRow } from './run-rows.ts';
import { saveSteps, type Aftermath, type SavedSteps } from './save-steps.ts';
import { lockParts } from './task-rows.ts';
import { setTimers } from './wait-rows.ts';

export interface StepperOptions {
  readonly decide: Decide;
  readonly findPlan: FindPlan;
  readonly hooks: RunHooks<Transaction>;
  readonly leaseMs: number;
  /** Most runs that runs start in one transaction; for tests. */
  readonly mostStarted?: number;
}

/** What the work of one transaction is done with. */
interface Taking {
  readonly claimMs: number;
  /** Counts down the runs that runs may still start. */
  readonly left: { runs: number };
}

export interface Stepped extends Aftermath {
  readonly results: readonly StepResult[];
  readonly runs: readonly RunSteps[];
}

export interface Stepper {
  /** @param claimMs  how long its messages are the caller's to publish; 0 = the relay's */
  take(transaction: Transaction, inputs: readonly StepInput[], claimMs: number): Promise<Stepped>;
  request(
    transaction: Transaction,
    runs: readonly NewRun[],
    claimMs: number,
  ): Promise<Aftermath & { readonly requested: readonly RequestedRun[] }>;
  begin(transaction: Transaction, runIds: readonly string[], claimMs: number): Promise<Aftermath>;
}

const nothing: Stepped = { results: [], runs: [], messages: [], pools: new Set(), hasDue: false };

const both = (one: Aftermath, other: Aftermath): Aftermath => ({
  messages: [...one.messages, ...other.messages],
  pools: one.pools.union(other.pools),
  hasDue: one.hasDue || other.hasDue,
});

/** How many runs deep a run may start another one: a workflow that starts itself must end somewhere. */
const mostDepth = 8;
/** A run that starts runs that start runs begins all of them in one transaction, which must end before the memory does. */
const mostStartedAtOnce = 10_000;

/** Takes steps of runs inside a transaction: the one place where runs change. */
export function createStepper({ decide, findPlan, hooks, leaseMs, mostStarted = mostStartedAtOnce }: StepperOptions): Stepper {
  const findDefaults = createFindDefaults();
  const readPlans = async (
    transaction: Transaction,
    rows: readonly RunRow[],
    inputs: readonly StepInput[],
  ): Promise<(workflow: string, version: number) => RunPlan> => {
    const plans = new Map<string, RunPlan>();
    const read = async (workflow: string, version: number): Promise<void> => {
      const plan = await findPlan(transaction, workflow, version);
      if (!plan) throw new VigilError('WORKFLOW_UNKNOWN', { detail: `Workflow ${workflow}, version ${version}.` });
      plans.set(`${version} ${workflow}`, plan);
    };
    for (const { workflow, version } of rows) if (!plans.has(`${version} ${workflow}`)) await read(workflow, version);
    for (const { runId, input } of inputs) {
      const row = rows.find((one) => one.runId === runId);
      if (row && input.kind === 'move') await read(row.workflow, input.version);
    }
    return (workflow, version) => plans.get(`${version} ${workflow}`) as RunPlan;
  };

  /** Leases are renewed without the lock of their run: whether one is over is asked again under it. */
  const readLeases = async (transaction: Transaction, inputs: readonly StepInput[]) => {
    const lost = inputs.flatMap(({ runId, input }) => (input.kind === 'lost' ? [{ runId, task: input.task, part: input.part }] : []));
    const places = await lockParts(transaction, lost);
    const over = new Set(places.filter(({ isOver }) => isOver).map(({ runId, task, part, epoch }) => [runId, task, part, epoch].join(' ')));
    return (runId: string, { task, part, epoch }: { task: string; part: number; epoch: number }) =>
      over.has([runId, task, part, epoch].join(' '));
  };

  const startChildren = async (
    transaction: Transaction,
    { children }: SavedSteps,
    options: Taking & { nowMs: number },
  ): Promise<Aftermath> => {
    if (children.length === 0) return nothing;
    const inForce = await readInForce(transaction, [...new Set(children.map(({ effect }) => effect.workflow))]);
    const startable = children.filter(({ row, effect }) => inForce.has(effect.workflow) && row.depth < mostDepth);
    const known = startable.slice(0, options.left.runs);
    options.left.runs -= known.length;
    const started = new Set(known);
    const refused = children.filter((child) => !started.has(child));
    await setTimers(
      transaction,
      refused.map(({ row, effect: { task, part, childRunId } }) => ({
        runId: row.runId,
        timer: `child/${childRunId}`,
        atMs: options.nowMs,
        key: { input: { kind: 'child-ended', task, part, childRunId, status: 'failed', result: null } },
      })),
    );
    const defaults = new Map<string, Readonly<Record<string, unknown>>>();
    for (const [workflow, version] of inForce) defaults.set(workflow, await findDefaults(transaction, workflow, version));
    const runs = known.map(({ row, effect }): NewRun => ({
      runId: effect.childRunId,
      workflow: effect.workflow,
      version: null,
      trigger: 'workflow',
      triggerDetail: { depth: row.depth + 1 },
      parameters: { ...defaults.get(effect.workflow), ...fillParameters(effect.parameters, row.parameters) },
      parent: { runId: row.runId, task: effect.task, part: effect.part },
      requestedBy: `run ${row.runId}`,
      priority: row.priority,
    }));
    const begun = runs.length > 0 ? await requestAt(transaction, runs, options) : nothing;
    return both(begun, { ...nothing, hasDue: refused.length > 0 });
  };

  const takeAt = async (transaction: Transaction, inputs: readonly StepInput[], options: Taking): Promise<Stepped> => {
    if (inputs.length === 0) return nothing;
    const { runs: locked, nowMs } = await lockRuns(transaction, [...new Set(inputs.map(({ runId }) => runId))]);
    const rows = new Map(locked.map((row) => [row.runId, row]));
    const fresh = await takeIn(
      transaction,
      inputs.flatMap(({ messageId }) => messageId ?? []),
    );
    const world = {
      runs: rows,
      planOf: await readPlans(transaction, locked, inputs),
      nowMs,
      fresh,
      isLeaseOver: await readLeases(transaction, inputs),
      decide,
    };
    const { results, runs } = takeSteps(inputs, world);
    if (runs.length === 0) return { ...nothing, results };
    const saved = await saveSteps(transaction, { runs, rows, nowMs }, { hooks, leaseMs, claimMs: options.claimMs });
    return { ...both(saved, await startChildren(transaction, saved, { ...options, nowMs })), results, runs };
  };

  const beginAt = async (transaction: Transaction, runIds: readonly string[], options: Taking): Promise<Aftermath> => {
    const { runs } = await lockRuns(transaction, runIds);
    const inputs = runs
      .filter(({ state }) => state === null)
      .map(({ runId, batchId, parameters }): StepInput => ({
        runId,
        messageId: null,
        input: { kind: 'requested', runId, batchId, parameters },
      }));
    return takeAt(transaction, inputs, options);
  };

  const requestAt = async (transaction: Transaction, runs: readonly NewRun[], options: Taking) => {
    const { requested, ready } = await insertRuns(transaction, runs, findPlan);
    return { ...(await beginAt(transaction, ready, options)), requested };
  };

  const taking = (claimMs: number): Taking => ({ claimMs, left: { runs: mostStarted } });
  return {
    take: (transaction, inputs, claimMs) => takeAt(transaction, inputs, taking(claimMs)),
    request: (transaction, runs, claimMs) => requestAt(transaction, runs, taking(claimMs)),
    begin: (transaction, runIds, claimMs) => beginAt(transaction, runIds, taking(claimMs)),
  };
}
