import { randomUUID } from 'node:crypto';
import { createKafkaClient, openKafkaMaintenance, type KafkaClient, type KafkaMaintenance } from '@vigil/kafka';
import { startStack } from '@vigil/stack';
import { namespaced } from '@vigil/testing';

/** A corner of the shared broker in which nobody else reads or writes. */
export interface World {
  readonly client: KafkaClient;
  readonly maintenance: KafkaMaintenance;
  readonly connect: () => KafkaClient;
  /** Topics that are there now, under the names that a user sees. */
  readonly topics: () => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

export async function openWorld(name: string): Promise<World> {
  const { env } = await startStack();
  const brokers = env.kafkaBrokers.split(',');
  const prefix = `${name}-${randomUUID().slice(0, 8)}.`;
  const clients: KafkaClient[] = [];
  const connect = (): KafkaClient => {
    const client = namespaced(createKafkaClient({ brokers, clientId: `${name}-test`, longPollMs: 100 }), prefix);
    clients.push(client);
    return client;
  };
  const whole = await openKafkaMaintenance(brokers, `${name}-test`);
  const client = connect();
  const topics = async (): Promise<readonly string[]> => client.admin.listTopics();
  return {
    client,
    connect,
    topics,
    maintenance: {
      ...whole,
      offsetsAt: (topic, timestampMs) => whole.offsetsAt(prefix + topic, timestampMs),
      deleteTopics: async (names) =>
        (await whole.deleteTopics(names.map((topic) => prefix + topic))).map((topic) => topic.slice(prefix.length)),
      memberCount: (group) => whole.memberCount(prefix + group),
      deleteGroup: (group) => whole.deleteGroup(prefix + group),
    },
    async close() {
      await whole.deleteTopics((await topics()).map((topic) => prefix + topic));
      await whole.close();
      await Promise.all(clients.map((opened) => opened.close()));
    },
  };
}

/** Waits until `holds`, generously. */
export async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  const giveUpAtMs = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > giveUpAtMs) throw new Error('Not within a minute.');
    await new Promise((resolve) => void setTimeout(resolve, 50));
  }
}
