import type { PublishScores } from '@vigil/batch';
import { topics } from '@vigil/contracts';
import { createValueEncoder, partitionOf, valueSubjectOf } from '@vigil/kafka';
import type { ExecutorDeps } from '../../executor-deps.ts';

/** Sends scores to their topic, through one producer that is opened with the first of them and anew after a failure. */
export function createScorePublisher({ client, registry, onClose }: Pick<ExecutorDeps, 'client' | 'registry' | 'onClose'>): PublishScores {
  const { name, schema } = topics.scoreRecorded;
  let opened: ReturnType<typeof open> | null = null;
  const open = async () => {
    const encode = createValueEncoder(schema, await registry.idOf(valueSubjectOf(name), schema));
    const partitions = (await client.admin.describeTopics([name]))[0]?.partitions ?? 1;
    return { encode, partitions, producer: await client.openIdempotentProducer() };
  };
  onClose('scores', async () => (await opened)?.producer.close());
  return async (records) => {
    const mine = (opened ??= open());
    try {
      const { encode, partitions, producer } = await mine;
      await producer.send(
        records.map(({ key: text, value }) => {
          const key = Buffer.from(text, 'utf8');
          return { topic: name, partition: partitionOf(key, partitions), key, value: encode(value), headers: [], timestamp: null };
        }),
      );
    } catch (error) {
      if (opened === mine) opened = null;
      await mine.then(({ producer }) => producer.close()).catch(() => undefined);
      throw error;
    }
  };
}
