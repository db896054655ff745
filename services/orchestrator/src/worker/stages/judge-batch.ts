import { emptyTotals, ownImbalance, writtenTo, type StageTotals } from '@vigil/contracts';
import type { TaskResult } from '@vigil/workflows';
import type { StageStep, StreamStage } from './stream-stages.ts';

/** Records written by topic. */
export type Outputs = Readonly<Record<string, number>>;

/** A step that has not accounted for the whole batch. */
export interface OpenStep {
  readonly step: StageStep;
  /** Written for it, as far as is known. */
  readonly expected: number;
  readonly consumed: number;
  /** Its dispositions do not add up to what it consumed. */
  readonly isCrooked: boolean;
}

export interface BatchJudgement {
  readonly open: readonly OpenStep[];
  readonly result: TaskResult;
}

const dispositions = ['processed', 'late', 'duplicate', 'rejected', 'suppressed'] as const;

const totalOf = (totals: readonly StageTotals[], { stage, topic }: StageStep): StageTotals =>
  totals.find((total) => total.stage === stage && total.topic === topic) ?? emptyTotals(stage, topic);

/** What tasks before wrote, by topic: a stage tells it as `values.outputs`. Null where one of them does not: the log has to be asked. */
export function givenOutputs(input: Readonly<Record<string, TaskResult | null>>): Outputs | null {
  const given: Record<string, number> = {};
  for (const result of Object.values(input)) {
    if (result === null) continue;
    const outputs = result.values['outputs'] as Outputs | undefined;
    if (outputs === undefined) return null;
    for (const [topic, count] of Object.entries(outputs)) given[topic] = (given[topic] ?? 0) + count;
  }
  return given;
}

function openStep(totals: readonly StageTotals[], step: StageStep, expected: number): OpenStep[] {
  const total = totalOf(totals, step);
  const part = step.subStage === undefined ? undefined : total.subStages?.find(({ subStage }) => subStage === step.subStage);
  const isCrooked = ownImbalance(total) !== 0 || (part !== undefined && part.consumed !== part.processed + part.suppressed);
  return total.consumed === expected && !isCrooked ? [] : [{ step, expected, consumed: total.consumed, isCrooked }];
}

/** Of a part of a stage what reached it and what became of that; what the stage itself put aside is told beside it. */
function countsOf(totals: readonly StageTotals[], { steps, told }: StreamStage): Record<string, number> {
  const main = steps[told] as StageStep;
  const total = totalOf(totals, main);
  const counts: Record<string, number> = { consumed: total.consumed };
  for (const name of dispositions) counts[name] = steps.slice(0, told + 1).reduce((sum, step) => sum + totalOf(totals, step)[name], 0);
  counts['processed'] = total.processed;
  if (main.subStage === undefined) return counts;
  const part = total.subStages?.find(({ subStage }) => subStage === main.subStage);
  return { ...counts, consumed: part?.consumed ?? 0, processed: part?.processed ?? 0, suppressed: part?.suppressed ?? 0 };
}

/**
 * How far a batch has come in a stage. Nothing open: every step consumed what was written for it, with one disposition each.
 *
 * @param totals  the ledger's rows of this batch, added up
 * @param given   what tasks before told that they wrote; counts where no ledger row tells of it
 */
export function judgeBatch(totals: readonly StageTotals[], stage: StreamStage, given: Outputs): BatchJudgement {
  const written = writtenTo(totals);
  const open = stage.steps.flatMap((step) => openStep(totals, step, Math.max(written.get(step.topic) ?? 0, given[step.topic] ?? 0)));
  const outputs = Object.fromEntries(writtenTo(stage.steps.map((step) => totalOf(totals, step))));
  return { open, result: { counts: countsOf(totals, stage), values: { outputs }, ref: null } };
}
