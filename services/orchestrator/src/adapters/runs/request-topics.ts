import { topics, workflowPools } from '@vigil/contracts';

const requestTopics: ReadonlyMap<string, string> = new Map(
  workflowPools.map((pool) => [pool, `workflow.task.requested.${pool}.v1`] as const),
);
/** Topic of the requests of a pool. */
export const requestTopicOf = (pool: string): string => requestTopics.get(pool) ?? topics.taskReported.name;
