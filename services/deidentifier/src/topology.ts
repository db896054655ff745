import { VigilError } from '@vigil/core';
import { dateShiftGroup, deidPlanOf, shiftedTargetOf, topics, type Topic, type TopicDeidPlan } from '@vigil/contracts';
import { defineTopology, sink, source, type Topology } from '@vigil/kafka';
import type { Fields, Rules } from './domain/compile-plan.ts';
import type { DatasetMode } from './domain/dataset.ts';
import { handleRecord, type Datasets } from './handlers/handle-record.ts';

/** Topics that analysts need. */
const sources: readonly Topic[] = [
  topics.vitalsReadingAccepted,
  topics.vitalsWindowClosed,
  topics.alertRaised,
  topics.patientChanged,
  topics.claimAdjudicated,
  topics.visitRecorded,
  topics.outcomeRecorded,
];

/** @throws VigilError BAD_DEFINITION where the catalogue has no de-identified form of `topic` */
export function planOf(topic: Topic): TopicDeidPlan {
  const plan = deidPlanOf(topic);
  if (plan === undefined)
    throw new VigilError('BAD_DEFINITION', { detail: `Topic ${topic.name} has no de-identified form in the catalogue.` });
  return plan;
}

/** The plans of everything that is read: also for the watch over new fields. */
export const plans: readonly TopicDeidPlan[] = sources.map(planOf);

/** Consumer group: a mode has its own, so that the positions of one say nothing of the other. */
export const groupOf = (mode: DatasetMode): string => (mode === 'safe-harbor' ? 'deidentifier' : dateShiftGroup);

/** Where a mode writes: shifted dates never reach the `deid.*` topics, which promise Safe Harbor. */
export const targetOf = (plan: TopicDeidPlan, mode: DatasetMode): Topic => (mode === 'safe-harbor' ? plan.target : shiftedTargetOf(plan));

export interface DeidentifierOptions {
  readonly mode: DatasetMode;
  readonly datasets: Datasets;
  readonly rules: Rules;
}

/**
 * `<topic>` → `deid.<topic>`, record by record, without state.
 *
 * The key stays the patient (as pseudonym), so the partition number stays too; of the token it tells the two or so
 * bits that choose a partition, which identify nobody.
 */
export function createTopology({ mode, datasets, rules }: DeidentifierOptions): Topology {
  return defineTopology({
    name: groupOf(mode),
    sources: plans.map((plan) =>
      source(plan.source as Topic<Fields | null>, handleRecord(plan, targetOf(plan, mode), { datasets, rules })),
    ),
    sinks: plans.map((plan) => sink(targetOf(plan, mode))),
  });
}
