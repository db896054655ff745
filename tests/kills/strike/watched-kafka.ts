import { compileReader, topics, wireHeaderBytes, type TaskReported } from '@vigil/contracts';
import { createKafkaClient as createClient, type KafkaClient, type KafkaClientOptions, type ProducedRecord } from '@vigil/kafka';
import { positionPlace, recordsPlace, reportPlace, type Side } from '../places.ts';
import { reach } from './reach.ts';

// What stands here in place of the package is all of it, with another way to a client.
export * from '@vigil/kafka';

const { name: reported, schema } = topics.taskReported;
const read = compileReader(schema, schema);
const kindOf = ({ value }: ProducedRecord): string =>
  value === null ? '' : (read(value, wireHeaderBytes, value.length) as TaskReported).kind;

function passReports(records: readonly ProducedRecord[], side: Side): void {
  for (const record of records) if (record.topic === reported) reach(reportPlace(kindOf(record), side));
}

/** Topics that tasks extract into. */
const extracted: ReadonlySet<string> = new Set([topics.visitRecorded.name]);

function watched(client: KafkaClient): KafkaClient {
  return {
    ...client,
    async join(options) {
      const member = await client.join(options);
      if (!options.group.startsWith('orchestrator-worker.')) return member;
      return {
        ...member,
        async commitPositions(positions) {
          reach(positionPlace('before'));
          await member.commitPositions(positions);
          reach(positionPlace('after'));
        },
      };
    },
    async openIdempotentProducer() {
      const producer = await client.openIdempotentProducer();
      return {
        ...producer,
        async send(records) {
          passReports(records, 'before');
          await producer.send(records);
          passReports(records, 'after');
        },
      };
    },
    async openTransactionalProducer(options) {
      const producer = await client.openTransactionalProducer(options);
      let hasRecords = false;
      return {
        ...producer,
        send(records) {
          hasRecords ||= records.some(({ topic }) => extracted.has(topic));
          return producer.send(records);
        },
        async commit() {
          if (hasRecords) reach(recordsPlace('before'));
          await producer.commit();
          if (hasRecords) reach(recordsPlace('after'));
          hasRecords = false;
        },
      };
    },
  };
}

/** A client that tells where its user stands. */
export const createKafkaClient = (options: KafkaClientOptions): KafkaClient => watched(createClient(options));
