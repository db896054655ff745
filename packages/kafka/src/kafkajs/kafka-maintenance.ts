import { createRequire } from 'node:module';

interface KafkajsAdmin {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  listTopics(): Promise<readonly string[]>;
  listGroups(): Promise<{ readonly groups: readonly { readonly groupId: string }[] }>;
  deleteTopics(options: { readonly topics: readonly string[] }): Promise<void>;
  deleteGroups(groups: readonly string[]): Promise<unknown>;
  describeGroups(groups: readonly string[]): Promise<{ readonly groups: readonly { readonly members: readonly unknown[] }[] }>;
  fetchTopicOffsetsByTimestamp(topic: string, timestamp: number): Promise<readonly { partition: number; offset: string }[]>;
}
interface Kafkajs {
  readonly Kafka: new (options: object) => { admin(options: object): KafkajsAdmin };
}

/** What commands do to a cluster and services never do; so it is no part of the client that services are given. */
export interface KafkaMaintenance {
  /** Per partition the first offset whose record is of `timestampMs` or later; the end where there is none. */
  offsetsAt(topic: string, timestampMs: number): Promise<readonly number[]>;
  /** Those of `names` that exist are deleted. Returns them. */
  deleteTopics(names: readonly string[]): Promise<readonly string[]>;
  /** The group is deleted where it exists; it must have no member. Tells whether it existed. */
  deleteGroup(group: string): Promise<boolean>;
  /** How many instances are members of the group now. */
  memberCount(group: string): Promise<number>;
  close(): Promise<void>;
}

const mostLists = 5;
const isUnknownTopic = (error: unknown): boolean =>
  [error, (error as { cause?: unknown }).cause].some(
    (one) => (one as { type?: unknown } | undefined)?.type === 'UNKNOWN_TOPIC_OR_PARTITION',
  );

/** @throws what kafkajs throws where no broker answers or a group still has members */
export async function openKafkaMaintenance(brokers: readonly string[], clientId: string): Promise<KafkaMaintenance> {
  const { Kafka } = createRequire(import.meta.url)('kafkajs') as Kafkajs;
  const admin = new Kafka({ brokers: [...brokers], clientId, logLevel: 0 }).admin({});
  await admin.connect();
  return {
    async offsetsAt(topic, timestampMs) {
      const found = await admin.fetchTopicOffsetsByTimestamp(topic, timestampMs);
      return [...found].sort((a, b) => a.partition - b.partition).map(({ offset }) => Number(offset));
    },
    async deleteTopics(names) {
      for (let attempt = 1; ; attempt++) {
        const existing = new Set(await admin.listTopics());
        const topics = names.filter((name) => existing.has(name));
        try {
          if (topics.length > 0) await admin.deleteTopics({ topics });
          return topics;
        } catch (error) {
          // Brokers still list, for a moment, what another has deleted.
          if (attempt === mostLists || !isUnknownTopic(error)) throw error;
        }
      }
    },
    async deleteGroup(group) {
      const { groups } = await admin.listGroups();
      if (!groups.some(({ groupId }) => groupId === group)) return false;
      await admin.deleteGroups([group]);
      return true;
    },
    async memberCount(group) {
      const { groups } = await admin.describeGroups([group]);
      return groups.reduce((sum, { members }) => sum + members.length, 0);
    },
    close: () => admin.disconnect(),
  };
}
