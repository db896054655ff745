import { topics, type TroubleRaised } from '@vigil/contracts';
import {
  createValueDecoder,
  createValueEncoder,
  partitionOf,
  readWhole,
  schemaIdOf,
  valueSubjectOf,
  type IdempotentProducer,
  type KafkaClient,
  type SchemaRegistry,
} from '@vigil/kafka';

/** The topic that engineering is paged from. */
export interface TroubleLog {
  /** Resolves when the broker has them. */
  readonly tell: (troubles: readonly TroubleRaised[]) => Promise<void>;
  /** Everything that was told and is still kept, in order. */
  readonly told: () => Promise<readonly TroubleRaised[]>;
  readonly close: () => Promise<void>;
}

const { name: topic, schema } = topics.troubleRaised;

/** Troubles are few: the whole topic is read at the start. After a failure it writes with another producer; a repeat is absorbed by its id. */
export function createTroubleLog(client: KafkaClient, registry: SchemaRegistry): TroubleLog {
  let producer: IdempotentProducer | undefined;
  const partitionCount = async (): Promise<number> => (await client.admin.describeTopics([topic]))[0]?.partitions ?? 0;
  return {
    tell: async (troubles) => {
      const encode = createValueEncoder(schema, await registry.idOf(valueSubjectOf(topic), schema));
      const count = await partitionCount();
      const open = (producer ??= await client.openIdempotentProducer());
      const records = troubles.map((trouble) => {
        const key = Buffer.from(trouble.troubleId, 'utf8');
        return { topic, partition: partitionOf(key, count), key, value: encode(trouble), headers: [], timestamp: null };
      });
      try {
        await open.send(records);
      } catch (error) {
        producer = undefined;
        await open.close().catch(() => undefined);
        throw error;
      }
    },
    told: async () => {
      const values: Buffer[] = [];
      const places = Array.from({ length: await partitionCount() }, (_, partition) => ({ topic, partition }));
      await readWhole({ client, places, pollMs: 500, onRecord: (_place, { value }) => void (value && values.push(value)) });
      for (const id of new Set(values.map(schemaIdOf))) if (id !== null) await registry.schemaOf(id);
      const decode = createValueDecoder(schema, registry);
      const troubles = values.map((value) => decode(value) as TroubleRaised);
      // Partitions were read side by side.
      return troubles.sort((a, b) => (a.clearedAt ?? a.detectedAt) - (b.clearedAt ?? b.detectedAt));
    },
    close: async () => {
      await producer?.close();
    },
  };
}
