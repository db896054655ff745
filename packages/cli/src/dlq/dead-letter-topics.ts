import { allTopics, type Topic } from '@vigil/contracts';
import { VigilError } from '@vigil/core';

/** A quarantine: the topic, whose records they are, and what their values should have been. */
export interface DeadLetterTopic {
  readonly name: string;
  readonly group: string;
  readonly origin: Topic;
}

/** Every quarantine of the fleet. */
export const deadLetterTopics = (): DeadLetterTopic[] =>
  allTopics({ chainPartitions: 1, replicationFactor: 1 }).flatMap(({ name, kind, group, topic }) =>
    kind === 'dlq' && group !== null && topic !== null ? [{ name, group, origin: topic }] : [],
  );

/** @throws VigilError BAD_USAGE where there is no quarantine of that name */
export function deadLetterTopic(name: string): DeadLetterTopic {
  const known = deadLetterTopics();
  const found = known.find((queue) => queue.name === name);
  if (found) return found;
  const near = known.filter((queue) => queue.origin.name === name || queue.group === name).map((queue) => queue.name);
  const hint = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'vigil dlq list names them.';
  throw new VigilError('BAD_USAGE', { detail: `There is no quarantine of that name. ${hint}` });
}
