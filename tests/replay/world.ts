import { randomUUID } from 'node:crypto';
import {
  createKafkaClient,
  createQuotaAdmin,
  openKafkaMaintenance,
  type KafkaClient,
  type KafkaMaintenance,
  type QuotaAdmin,
} from '@vigil/kafka';
import { startStack } from '@vigil/stack';
import { namespaced } from '@vigil/testing';

/** A corner of the shared broker in which nobody else reads or writes. */
export interface World {
  readonly client: KafkaClient;
  readonly maintenance: KafkaMaintenance;
  readonly quotas: QuotaAdmin;
  /** @param clientId  whom quotas of the broker bind */
  readonly connect: (clientId?: string) => KafkaClient;
  /** Topics that are there now, under the names that a user sees. */
  readonly topics: () => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

export async function openWorld(name: string): Promise<World> {
  const { env } = await startStack();
  const brokers = env.kafkaBrokers.split(',');
  const prefix = `${name}-${randomUUID().slice(0, 8)}.`;
  const clients: KafkaClient[] = [];
  const connect = (clientId = `${name}-test`): KafkaClient => {
    const client = namespaced(createKafkaClient({ brokers, clientId, longPollMs: 100 }), prefix);
    clients.push(client);
    return client;
  };
  const whole = await openKafkaMaintenance(brokers, `${name}-test`);
  const client = connect();
  const quotas = createQuotaAdmin({ brokers, clientId: `${name}-test` });
  const topics = async (): Promise<readonly string[]> => client.admin.listTopics();
  return {
    client,
    quotas,
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
      await Promise.all([whole.close(), quotas.close()]);
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
