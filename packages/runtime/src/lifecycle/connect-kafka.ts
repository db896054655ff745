import { createKafkaClient, createRegistry } from '@vigil/kafka';
import { createMemberFiles } from './member-files.ts';
import type { Platform } from './platform.ts';

/** Kafka and the registry behind the real adapters. Nothing is connected before it is used. */
export const connectKafka: Platform['connect'] = ({ kafkaBrokers, schemaRegistryUrl, memberDirectory }, clientId) => ({
  client: createKafkaClient({
    brokers: kafkaBrokers,
    clientId,
    ...(memberDirectory !== undefined && { memberMemory: createMemberFiles(memberDirectory) }),
  }),
  registry: createRegistry({ url: schemaRegistryUrl }),
});
