import type { AvroRecord } from '../schema/avro-types.ts';
import { deidTopicOf } from '../topic-names.ts';
import type { Topic } from '../topic.ts';
import { topics } from '../topics.ts';
import { deidPlanFrom, type DeidPlan } from './deid-plan.ts';

/** A topic's way out: what is read, what is written, and the steps between. */
export interface TopicDeidPlan extends DeidPlan {
  readonly source: Topic;
  readonly target: Topic;
}

/** The plan for `source`; undefined where the catalogue has no `deid.` form of it. */
export function deidPlanOf(source: Topic): TopicDeidPlan | undefined {
  const catalogue: readonly Topic[] = Object.values(topics);
  const target = catalogue.find(({ name }) => name === deidTopicOf(source.name));
  return target && { source, target, ...deidPlanFrom(source.schema as unknown as AvroRecord) };
}
