import * as kafka from '@vigil/kafka';
import type { KafkaClient, SchemaRegistry } from '@vigil/kafka';
import type { Platform } from './platform.ts';

interface Adapters {
  readonly createKafkaClient: (options: { readonly brokers: readonly string[]; readonly clientId: string }) => KafkaClient;
  readonly createRegistry: (options: { readonly url: string }) => SchemaRegistry;
}

/** Kafka and the registry behind the real adapters. */
export const connectKafka: Platform['connect'] = (settings, clientId) => {
  const { createKafkaClient, createRegistry } = kafka as unknown as Adapters;
  return {
    client: createKafkaClient({ brokers: settings.kafkaBrokers, clientId }),
    registry: createRegistry({ url: settings.schemaRegistryUrl }),
  };
};
