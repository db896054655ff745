import { topics, type TaskRequested, type Topic, type WorkflowPool } from '@vigil/contracts';
import { isVigilError } from '@vigil/core';
import { createValueDecoder, unresolvedIds, type FetchedRecords, type SchemaRegistry } from '@vigil/kafka';
import type { WaitingRequest } from './request-lanes.ts';

const topicsByPool = {
  default: topics.taskRequestedDefault,
  batch: topics.taskRequestedBatch,
  stream: topics.taskRequestedStream,
} as const;

export const requestTopicOf = (pool: WorkflowPool): Topic<TaskRequested> => topicsByPool[pool];

/** Reads requests; what cannot be read, by its schema or its JSON, is passed over and told: the run's lease brings it back. */
export function createRequestDecoder(registry: SchemaRegistry, onUnreadable: () => void) {
  const decode = createValueDecoder(topics.taskRequestedDefault.schema, registry);
  const read = (value: Buffer): TaskRequested | null => {
    try {
      const request = decode(value) as TaskRequested;
      // A wish that an attempt stops names it and carries nothing else.
      if (request.kind === 'cancel') return request;
      if (request.inputRef === null) JSON.parse(request.input);
      JSON.parse(request.spec);
      return request;
    } catch (error) {
      if (!(error instanceof SyntaxError) && !(isVigilError(error) && error.kind === 'poison')) throw error;
      onUnreadable();
      return null;
    }
  };
  return async (records: FetchedRecords): Promise<WaitingRequest[]> => {
    const all = [...records];
    for (const id of unresolvedIds(
      all.map(({ value }) => value),
      registry,
    ))
      await registry.schemaOf(id);
    return all.map(({ value, offset }) => ({ request: value === null ? null : read(value), nextOffset: offset + 1 }));
  };
}
