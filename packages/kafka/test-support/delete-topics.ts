import { createRequire } from 'node:module';

interface Admin {
  connect(): Promise<void>;
  listTopics(): Promise<readonly string[]>;
  deleteTopics(options: { readonly topics: readonly string[] }): Promise<void>;
  disconnect(): Promise<void>;
}
interface Kafkajs {
  readonly Kafka: new (options: object) => { admin(): Admin };
}

/** Takes back the topics that a test made on a broker that outlives it. */
export async function deleteTopics(brokers: readonly string[], prefix: string): Promise<void> {
  const { Kafka } = createRequire(import.meta.url)('kafkajs') as Kafkajs;
  const admin = new Kafka({ brokers: [...brokers], clientId: 'cleaner', logLevel: 0 }).admin();
  await admin.connect();
  const topics = (await admin.listTopics()).filter((name) => name.startsWith(prefix));
  if (topics.length > 0) await admin.deleteTopics({ topics });
  await admin.disconnect();
}
