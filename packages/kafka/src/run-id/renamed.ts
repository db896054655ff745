import type { FetchedBatch, KafkaClient, ProducedRecord, TopicPartition } from '../ports/kafka-client.ts';

/** What the broker calls the things that a user of the client names. */
export interface BrokerNames {
  readonly topic: (name: string) => string;
  /** The user's name of a topic of the broker. */
  readonly back: (brokerName: string) => string;
  /** Whether the user may see this topic of the broker. */
  readonly isOurs: (brokerName: string) => boolean;
  /** Of a group or a transactional id. */
  readonly owner: (name: string) => string;
  /** Of a topic that is written to; throws where the user may not. */
  readonly written: (name: string) => string;
}

/** A client whose topics, groups and transactional ids have other names at the broker, unseen by its user. */
export function renamed(client: KafkaClient, { topic: add, back: strip, isOurs, owner, written }: BrokerNames): KafkaClient {
  const inner = <Place extends TopicPartition>(place: Place): Place => ({ ...place, topic: add(place.topic) });
  const outer = <Place extends TopicPartition>(place: Place): Place => ({ ...place, topic: strip(place.topic) });
  const toProduce = (records: readonly ProducedRecord[]): ProducedRecord[] =>
    records.map(({ topic, partition, key, value, headers, timestamp }) => ({
      topic: written(topic),
      partition,
      key,
      value,
      headers,
      timestamp,
    }));
  const { admin } = client;
  return {
    admin: {
      ...admin,
      describeTopics: async (names) => (await admin.describeTopics(names.map(add))).map((topic) => ({ ...topic, name: strip(topic.name) })),
      listTopics: async () => (await admin.listTopics()).filter(isOurs).map(strip),
      createTopics: async (topics) => (await admin.createTopics(topics.map((topic) => ({ ...topic, name: add(topic.name) })))).map(strip),
      startOffsets: (topic) => admin.startOffsets(add(topic)),
      stableOffsets: (topic) => admin.stableOffsets(add(topic)),
      highWatermarks: (topic) => admin.highWatermarks(add(topic)),
      committed: async (group, topics) => (await admin.committed(owner(group), topics.map(add))).map(outer),
      commitPositions: (group, positions) => admin.commitPositions(owner(group), positions.map(inner)),
    },
    async join(options) {
      const member = await client.join({ ...options, group: owner(options.group), topics: options.topics.map(add) });
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
      const producer = await client.openTransactionalProducer({ ...options, transactionalId: owner(options.transactionalId) });
      return {
        ...producer,
        send: async (records) => (await producer.send(toProduce(records))).map(outer),
        sendPositions: (group, positions) => producer.sendPositions(owner(group), positions.map(inner)),
      };
    },
    async openIdempotentProducer() {
      const producer = await client.openIdempotentProducer();
      return { ...producer, send: async (records) => producer.send(toProduce(records)) };
    },
    close: () => client.close(),
  };
}
