import { quarantineTopicsOf, recordTopicOf, type ClusterShape, type TopicSpec } from '../all-topics.ts';
import { shiftedTopicOf } from '../topic-names.ts';
import type { Topic } from '../topic.ts';
import { topics } from '../topics.ts';
import { deidPlanOf, type TopicDeidPlan } from './deid-plan-of.ts';

/** Consumer group of the deidentifier's date-shift mode: its positions say nothing of the Safe Harbor mode. */
export const dateShiftGroup = 'deidentifier-shifted';

const catalogue: readonly Topic[] = Object.values(topics);

/** Where the date-shift mode writes: shifted dates never reach the `deid.*` topics, which promise Safe Harbor. */
export const shiftedTargetOf = ({ source, target }: TopicDeidPlan): Topic => ({
  ...target,
  name: shiftedTopicOf(source.name),
  phi: true,
  readers: [],
});

/**
 * Every topic that the date-shift mode needs. They are no part of the fleet: a cluster has them only where somebody
 * decided to make such a dataset (`vigil topics apply --date-shift`).
 */
export const dateShiftTopics = (shape: ClusterShape): TopicSpec[] =>
  catalogue.flatMap((topic) => {
    const plan = deidPlanOf(topic);
    return plan === undefined ? [] : [recordTopicOf(shiftedTargetOf(plan), shape)].concat(quarantineTopicsOf(topic, dateShiftGroup, shape));
  });
