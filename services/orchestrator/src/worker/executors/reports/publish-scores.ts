import type { PublishScores } from '@vigil/batch';
import { topics } from '@vigil/contracts';
import { createValueEncoder, partitionOf, valueSubjectOf } from '@vigil/kafka';
import type { ExecutorDeps } from '../../executor-deps.ts';

/** Sends scores to their topic; a producer is opened for each batch of them, which are few. */
export const createScorePublisher =
  ({ client, registry }: Pick<ExecutorDeps, 'client' | 'registry'>): PublishScores =>
  async (records) => {
    const { name, schema } = topics.scoreRecorded;
    const encode = createValueEncoder(schema, await registry.idOf(valueSubjectOf(name), schema));
    const partitions = (await client.admin.describeTopics([name]))[0]?.partitions ?? 1;
    const producer = await client.openIdempotentProducer();
    try {
      await producer.send(
        records.map(({ key: text, value }) => {
          const key = Buffer.from(text, 'utf8');
          return { topic: name, partition: partitionOf(key, partitions), key, value: encode(value), headers: [], timestamp: null };
        }),
      );
    } finally {
      await producer.close();
    }
  };
