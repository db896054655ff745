import type { AdminClient } from '../ports/kafka-client.ts';
import type { AskCoordinator } from './ask-coordinator.ts';
import type { Hook } from './memory-group.ts';
import { createTopic, expireTransactions, groupOf, logOf, placeOf, type MemoryState } from './memory-state.ts';

export function createMemoryAdmin(state: MemoryState, hook: Hook, ask: AskCoordinator): AdminClient {
  const logsOf = (topic: string) => state.topics.get(topic)?.logs ?? [logOf(state, { topic, partition: 0 })];
  return {
    async describeTopics(names) {
      await hook('describeTopics');
      return names.flatMap((name) => {
        const topic = state.topics.get(name);
        return topic ? [{ name, topicId: topic.topicId, partitions: topic.logs.length }] : [];
      });
    },
    async listTopics() {
      await hook('listTopics');
      return [...state.topics.keys()];
    },
    async createTopics(topics) {
      await hook('createTopics');
      const missing = topics.filter(({ name }) => !state.topics.has(name));
      for (const { name, partitions, config } of missing) createTopic(state, name, partitions, config);
      return missing.map(({ name }) => name);
    },
    async startOffsets(topic) {
      await hook('startOffsets');
      return logsOf(topic).map((log) => log.startOffset);
    },
    async stableOffsets(topic) {
      await hook('stableOffsets');
      expireTransactions(state);
      return logsOf(topic).map((log) => log.stableOffset);
    },
    async highWatermarks(topic) {
      await hook('highWatermarks');
      return logsOf(topic).map((log) => log.highWatermark);
    },
    async committed(group, topics) {
      await hook('committed');
      ask();
      const { committed } = groupOf(state, group);
      return topics.flatMap((topic) =>
        logsOf(topic).map((_, partition) => {
          const found = committed.get(placeOf({ topic, partition }));
          return { topic, partition, offset: found?.offset ?? null, metadata: found?.metadata ?? '' };
        }),
      );
    },
    async commitPositions(group, positions) {
      await hook('commitPositions');
      ask();
      for (const position of positions) groupOf(state, group).committed.set(placeOf(position), position);
    },
    close: async () => undefined,
  };
}
