import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startStack } from '@vigil/stack';
import { deleteTopics } from '../../test-support/delete-topics.ts';
import type { KafkaClient } from '../ports/kafka-client.ts';
import { createKafkaClient } from './create-kafka-client.ts';

const prefix = `idle-links-${randomUUID().slice(0, 8)}`;
const topic = `${prefix}-topic`;
let brokers: readonly string[];
let client: KafkaClient;
let sockets = 0;

beforeAll(async () => {
  brokers = (await startStack()).env.kafkaBrokers.split(',');
  client = createKafkaClient({
    brokers,
    clientId: prefix,
    openSocket: ({ host, port, onConnect }) => {
      sockets++;
      return connect(port, host, onConnect);
    },
  });
  await client.admin.createTopics([{ name: topic, partitions: 1, replicationFactor: 1, config: {} }]);
});
afterAll(async () => {
  await client.close();
  await deleteTopics(brokers, prefix);
});

/** One life of a producer. */
async function publish(end: 'committed' | 'left open'): Promise<void> {
  const producer = await client.openTransactionalProducer({ transactionalId: `${prefix}-${randomUUID()}`, transactionTimeoutMs: 10_000 });
  await producer.fence();
  await producer.begin();
  await producer.send([{ topic, partition: 0, key: null, value: Buffer.from('x'), headers: [], timestamp: null }]);
  if (end === 'committed') await producer.commit();
  await producer.close();
}
const socketsOf = async (end: Parameters<typeof publish>[0]): Promise<number> => {
  const before = sockets;
  await publish(end);
  return sockets - before;
};

test('a producer takes over the connections of one that ended in order, not of one whose transaction is open', async () => {
  expect(await socketsOf('committed')).toBeGreaterThan(0);
  expect(await socketsOf('committed')).toBe(0);
  expect(await socketsOf('left open')).toBe(0);
  expect(await socketsOf('committed')).toBeGreaterThan(0);
});
