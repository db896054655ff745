import { classifyError, VigilError } from '@vigil/core';
import { toDatabaseError, type Transaction } from '@vigil/postgres';
import { isRowFault } from '../../domain/is-row-fault.ts';
import type { StepInput, StepResult } from '../../domain/runs/run-store.ts';
import { joinAftermaths, type Aftermath } from './aftermath.ts';
import type { Stepper } from './create-stepper.ts';
import { keepReports, keepsReports, lockRun } from './kept-reports.ts';

/** `kept`: its run cannot take it for now; it is tried again in its order. */
export type ReportResult = StepResult | { readonly outcome: 'kept' };

export interface TakenReports extends Aftermath {
  /** In the order of the inputs. */
  readonly results: readonly ReportResult[];
  /** Why runs did not take theirs, an error for each run. */
  readonly refusals: readonly unknown[];
}

export interface ReportTaking {
  readonly stepper: Stepper;
  readonly claimMs: number;
  /**
   * Runs of which reports may be kept; those that are not in it keep none. Only who owns their partition adds to it, so what
   * was read when the partition was taken over is all there is.
   */
  readonly keeping: Set<string>;
}

type OfRun = Aftermath & { readonly results: readonly ReportResult[]; readonly refusals: readonly unknown[] };

const none: Aftermath = joinAftermaths([]);

/** What can be neither taken nor kept is a matter of the record: it goes to quarantine, and not around in a circle with the process. */
const asPoison = (error: unknown): unknown => {
  const known = toDatabaseError(error);
  const { kind } = classifyError(known);
  return kind === 'fatal' || kind === 'usage' ? new VigilError('PROCESSOR_FAULT', { cause: known }) : known;
};

/** @param refusal  why; none = others of the run are kept */
async function keep(
  transaction: Transaction,
  inputs: readonly StepInput[],
  { keeping }: ReportTaking,
  ...refusals: readonly unknown[]
): Promise<OfRun> {
  const [{ runId }] = inputs as [StepInput];
  keeping.add(runId);
  const [code = null] = refusals.map((error) => classifyError(error).code);
  const kept = await keepReports(transaction, { runId, inputs, code }).catch((error: unknown) => {
    throw asPoison(error);
  });
  const results = inputs.map((input): ReportResult => ({ outcome: kept.has(input) ? 'kept' : 'duplicate' }));
  return { ...none, results, refusals };
}

/** Reports of one run: taken as its steps, or kept where it cannot take them. */
async function takeOfRun(transaction: Transaction, inputs: readonly StepInput[], taking: ReportTaking): Promise<OfRun> {
  const [{ runId }] = inputs as [StepInput];
  await lockRun(transaction, runId);
  if (await keepsReports(transaction, runId)) return keep(transaction, inputs, taking);
  taking.keeping.delete(runId);
  await transaction.query('SAVEPOINT before_run');
  try {
    const taken = await taking.stepper.take(transaction, inputs, taking.claimMs);
    await transaction.query('RELEASE SAVEPOINT before_run');
    return { ...taken, refusals: [] };
  } catch (error) {
    const known = toDatabaseError(error);
    if (!isRowFault(known)) throw known;
    await transaction.query('ROLLBACK TO SAVEPOINT before_run');
    return keep(transaction, inputs, taking, known);
  }
}

/** One run after the other, in the order of their ids in which everybody locks them. What a run cannot take is kept; the others go on. */
export async function takeRunByRun(transaction: Transaction, inputs: readonly StepInput[], taking: ReportTaking): Promise<TakenReports> {
  const results = new Map<StepInput, ReportResult>();
  const all: OfRun[] = [];
  const byRun = [...Map.groupBy(inputs, ({ runId }) => runId)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  for (const [, own] of byRun) {
    const taken = await takeOfRun(transaction, own, taking);
    for (const [place, input] of own.entries()) results.set(input, taken.results[place] as ReportResult);
    all.push(taken);
  }
  return {
    ...joinAftermaths(all),
    results: inputs.map((input) => results.get(input) as ReportResult),
    refusals: all.flatMap(({ refusals }) => refusals),
  };
}

/** All at once, as long as nothing is kept of any of their runs. @throws what one of the runs fails with */
export async function takeTogether(transaction: Transaction, inputs: readonly StepInput[], taking: ReportTaking): Promise<TakenReports> {
  if (inputs.some(({ runId }) => taking.keeping.has(runId))) return takeRunByRun(transaction, inputs, taking);
  return { ...(await taking.stepper.take(transaction, inputs, taking.claimMs)), refusals: [] };
}
