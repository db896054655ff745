import type { FetchedBatch, KafkaClient, ProducedRecord, TopicPartition } from '@vigil/kafka';

/**
 * A client whose topics, groups and transactional ids carry a prefix that its user does not see: several tests share a
 * broker without meeting.
 */
export function namespaced(client: KafkaClient, prefix: string): KafkaClient {
  const add = (name: string): string => `${prefix}${name}`;
  const strip = (name: string): string => name.slice(prefix.length);
  const inner = <Place extends TopicPartition>(place: Place): Place => ({ ...place, topic: add(place.topic) });
  const outer = <Place extends TopicPartition>(place: Place): Place => ({ ...place, topic: strip(place.topic) });
  const { admin } = client;
  return {
    admin: {
      describeTopics: async (names) => (await admin.describeTopics(names.map(add))).map((topic) => ({ ...topic, name: strip(topic.name) })),
      listTopics: async () => (await admin.listTopics()).filter((name) => name.startsWith(prefix)).map(strip),
      createTopics: async (topics) => (await admin.createTopics(topics.map((topic) => ({ ...topic, name: add(topic.name) })))).map(strip),
      startOffsets: (topic) => admin.startOffsets(add(topic)),
      stableOffsets: (topic) => admin.stableOffsets(add(topic)),
      committed: async (group, topics) => (await admin.committed(add(group), topics.map(add))).map(outer),
      commitPositions: (group, positions) => admin.commitPositions(add(group), positions.map(inner)),
      close: () => admin.close(),
    },
    async join(options) {
      const member = await client.join({ ...options, group: add(options.group), topics: options.topics.map(add) });
      return { ...member, commitPositions: (positions) => member.commitPositions(positions.map(inner)) };
    },
    async openFetcher() {
      const fetcher = await client.openFetcher();
      return {
        assign: (place, offset) => fetcher.assign(inner(place), offset),
        unassign: (place) => fetcher.unassign(inner(place)),
        pause: (place) => fetcher.pause(inner(place)),
        resume: (place) => fetcher.resume(inner(place)),
        poll: async (maxWaitMs) => (await fetcher.poll(maxWaitMs)).map((batch): FetchedBatch => outer(batch)),
        close: () => fetcher.close(),
      };
    },
    async openTransactionalProducer(options) {
      const producer = await client.openTransactionalProducer({ ...options, transactionalId: add(options.transactionalId) });
      return {
        ...producer,
        send: (records) => producer.send(records.map((record): ProducedRecord => inner(record))),
        sendPositions: (group, positions) => producer.sendPositions(add(group), positions.map(inner)),
      };
    },
    async openIdempotentProducer() {
      const producer = await client.openIdempotentProducer();
      return { ...producer, send: (records) => producer.send(records.map((record): ProducedRecord => inner(record))) };
    },
    close: () => client.close(),
  };
}
