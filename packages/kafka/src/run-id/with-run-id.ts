import type { FetchedBatch, KafkaClient, ProducedRecord, TopicPartition } from '../ports/kafka-client.ts';
import { liveTopicsOf, runNameOf } from './run-names.ts';

/**
 * A client for new code or parameters that run beside the live stage. It reads the live topics; its group, transactional
 * ids, changelogs, outputs, quarantine, ways back and ledger carry the run id, so nothing that it does is seen by a
 * reader of a live topic: an alert of a run pages nobody.
 *
 * @param stage  the group whose topics it reads
 */
export function withRunId(client: KafkaClient, stage: string, runId: string): KafkaClient {
  const live = liveTopicsOf(stage);
  const suffix = `.${runId}`;
  const add = (name: string): string => (live.has(name) ? name : runNameOf(name, runId));
  const strip = (name: string): string => (name.endsWith(suffix) ? name.slice(0, -suffix.length) : name);
  const isOurs = (name: string): boolean => live.has(name) || name.endsWith(suffix);
  const inner = <Place extends TopicPartition>(place: Place): Place => ({ ...place, topic: add(place.topic) });
  const outer = <Place extends TopicPartition>(place: Place): Place => ({ ...place, topic: strip(place.topic) });
  const refuse = (name: string): void => {
    if (live.has(name)) throw new TypeError(`A run never writes to ${name}.`);
  };
  const toProduce = (records: readonly ProducedRecord[]): ProducedRecord[] =>
    records.map((record) => {
      refuse(record.topic);
      return inner(record);
    });
  const { admin } = client;
  return {
    admin: {
      ...admin,
      describeTopics: async (names) => (await admin.describeTopics(names.map(add))).map((topic) => ({ ...topic, name: strip(topic.name) })),
      listTopics: async () => (await admin.listTopics()).filter(isOurs).map(strip),
      createTopics: async (topics) => (await admin.createTopics(topics.map((topic) => ({ ...topic, name: add(topic.name) })))).map(strip),
      startOffsets: (topic) => admin.startOffsets(add(topic)),
      stableOffsets: (topic) => admin.stableOffsets(add(topic)),
      committed: async (group, topics) => (await admin.committed(runNameOf(group, runId), topics.map(add))).map(outer),
      commitPositions: (group, positions) => admin.commitPositions(runNameOf(group, runId), positions.map(inner)),
    },
    async join(options) {
      const member = await client.join({ ...options, group: runNameOf(options.group, runId), topics: options.topics.map(add) });
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
      const transactionalId = runNameOf(options.transactionalId, runId);
      const producer = await client.openTransactionalProducer({ ...options, transactionalId });
      return {
        ...producer,
        send: async (records) => producer.send(toProduce(records)),
        sendPositions: (group, positions) => producer.sendPositions(runNameOf(group, runId), positions.map(inner)),
      };
    },
    async openIdempotentProducer() {
      const producer = await client.openIdempotentProducer();
      return { ...producer, send: async (records) => producer.send(toProduce(records)) };
    },
    close: () => client.close(),
  };
}
