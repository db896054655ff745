import { fillParameters } from '@vigil/definitions';
import type { Transaction } from '@vigil/postgres';
import type { Decide } from '@vigil/workflows';
import type { RunHooks } from '../../domain/runs/run-hooks.ts';
import type { NewRun, RequestedRun, StepInput, StepResult } from '../../domain/runs/run-store.ts';
import { takeSteps, type RunSteps } from '../../domain/runs/take-steps.ts';
import { joinAftermaths, noAftermath, type Aftermath } from './aftermath.ts';
import { createFindDefaults, insertRuns, readInForce, type FindPlan } from './new-runs.ts';
import { createPartRowsReader, type PartRowsReader } from './part-rows.ts';
import { readStepWorld } from './read-step-world.ts';
import { lockRuns } from './run-rows.ts';
import { saveSteps, type SavedSteps } from './save-steps.ts';
import { setTimers } from './wait-rows.ts';

export interface StepperOptions {
  readonly decide: Decide;
  readonly findPlan: FindPlan;
  readonly hooks: RunHooks<Transaction>;
  readonly leaseMs: number;
  readonly partRows?: PartRowsReader;
  /** Most runs that runs start in one transaction; for tests. */
  readonly mostStarted?: number;
}

/** What the work of one transaction is done with. */
interface Taking {
  readonly claimMs: number;
  /** Counts down the runs that runs may still start. */
  readonly budget: { runs: number };
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

const nothing: Stepped = { ...noAftermath, results: [], runs: [] };

/** How many runs deep a run may start another one: a workflow that starts itself must end somewhere. */
const mostDepth = 8;
/** A run that starts runs that start runs begins all of them in one transaction, which must end before the memory does. */
const mostStartedAtOnce = 10_000;

/** Takes steps of runs inside a transaction: the one place where runs change. */
export function createStepper(given: StepperOptions): Stepper {
  const { decide, findPlan, hooks, leaseMs, partRows = createPartRowsReader(), mostStarted = mostStartedAtOnce } = given;
  const findDefaults = createFindDefaults();
  const startChildren = async (
    transaction: Transaction,
    { children }: SavedSteps,
    options: Taking & { nowMs: number },
  ): Promise<Aftermath> => {
    if (children.length === 0) return nothing;
    const inForce = await readInForce(transaction, [...new Set(children.map(({ effect }) => effect.workflow))]);
    const startable = children.filter(({ row, effect }) => inForce.has(effect.workflow) && row.depth < mostDepth);
    const known = startable.slice(0, options.budget.runs);
    options.budget.runs -= known.length;
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
    return joinAftermaths([begun, { ...nothing, hasDue: refused.length > 0 }]);
  };

  const takeAt = async (transaction: Transaction, inputs: readonly StepInput[], options: Taking): Promise<Stepped> => {
    if (inputs.length === 0) return nothing;
    const { rows, ...world } = await readStepWorld(transaction, inputs, { findPlan, partRows });
    const { nowMs } = world;
    const { results, runs } = takeSteps(inputs, { ...world, runs: rows, decide });
    if (runs.length === 0) return { ...nothing, results };
    const saved = await saveSteps(transaction, { runs, rows, nowMs }, { hooks, leaseMs, claimMs: options.claimMs });
    return { ...joinAftermaths([saved, await startChildren(transaction, saved, { ...options, nowMs })]), results, runs };
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

  const taking = (claimMs: number): Taking => ({ claimMs, budget: { runs: mostStarted } });
  return {
    take: (transaction, inputs, claimMs) => takeAt(transaction, inputs, taking(claimMs)),
    request: (transaction, runs, claimMs) => requestAt(transaction, runs, taking(claimMs)),
    begin: (transaction, runIds, claimMs) => beginAt(transaction, runIds, taking(claimMs)),
  };
}
