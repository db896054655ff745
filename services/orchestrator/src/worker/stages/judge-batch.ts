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

/**
 * What reached a task and what became of it: consumed = processed + suppressed + late + duplicate + rejected, whatever the
 * number of steps. What a stage put aside before its parts is told by the task of which that stage is the first.
 */
function countsOf(totals: readonly StageTotals[], { steps, told, alsoTold = [], roots = 1 }: StreamStage): Record<string, number> {
  const sum = (of: readonly StageStep[], name: keyof StageTotals & ('consumed' | (typeof dispositions)[number])): number =>
    of.reduce((total, step) => total + totalOf(totals, step)[name], 0);
  const main = [told, ...alsoTold].map((at) => steps[at] as StageStep);
  const before = steps.slice(0, told);
  const counts: Record<string, number> = { consumed: sum(told === 0 ? main : steps.slice(0, roots), 'consumed') };
  for (const name of dispositions) counts[name] = sum(name === 'processed' ? main : [...before, ...main], name);
  const [{ subStage }] = main as [StageStep];
  if (subStage === undefined) return counts;
  const part = totalOf(totals, main[0] as StageStep).subStages?.find((candidate) => candidate.subStage === subStage);
  if (told === 0) for (const name of ['late', 'duplicate', 'rejected']) counts[name] = 0;
  return {
    ...counts,
    ...(told === 0 && { consumed: part?.consumed ?? 0 }),
    processed: part?.processed ?? 0,
    suppressed: (part?.suppressed ?? 0) + sum(before, 'suppressed'),
  };
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
