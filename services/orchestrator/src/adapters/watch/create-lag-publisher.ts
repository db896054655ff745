import { topics } from '@vigil/contracts';
import {
  createValueEncoder,
  valueSubjectOf,
  type IdempotentProducer,
  type KafkaClient,
  type SchemaRegistry,
  type ValueEncoder,
} from '@vigil/kafka';
import type { GroupObservation } from '../../domain/watch/observe-groups.ts';

export interface LagPublisher {
  readonly publish: (groups: readonly GroupObservation[]) => Promise<void>;
  readonly close: () => Promise<void>;
}

const topic = topics.lagObserved;

/** Publishes observations, one record a group. After a failure it starts with another producer: an observation is never repeated. */
export function createLagPublisher(client: KafkaClient, registry: SchemaRegistry): LagPublisher {
  let encode: ValueEncoder | undefined;
  let producer: IdempotentProducer | undefined;
  return {
    publish: async (groups) => {
      encode ??= createValueEncoder(topic.schema, await registry.idOf(valueSubjectOf(topic.name), topic.schema));
      const value = encode;
      const open = (producer ??= await client.openIdempotentProducer());
      const records = groups.map((group) => ({
        topic: topic.name,
        partition: 0,
        key: Buffer.from(group.group, 'utf8'),
        value: value(group),
        headers: [],
        timestamp: group.observedAt,
      }));
      try {
        if (records.length > 0) await open.send(records);
      } catch (error) {
        producer = undefined;
        await open.close().catch(() => undefined);
        throw error;
      }
    },
    close: async () => {
      await producer?.close();
    },
  };
}
