import { createKafkaClient, createRegistry } from '@vigil/kafka';
import type { Platform } from './platform.ts';

/** Kafka and the registry behind the real adapters. Nothing is connected before it is used. */
export const connectKafka: Platform['connect'] = ({ kafkaBrokers, schemaRegistryUrl }, clientId) => ({
  client: createKafkaClient({ brokers: kafkaBrokers, clientId }),
  registry: createRegistry({ url: schemaRegistryUrl }),
});
