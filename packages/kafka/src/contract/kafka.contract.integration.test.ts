import { randomUUID } from 'node:crypto';
import { startStack } from '@vigil/stack';
import { deleteTopics } from '../../test-support/delete-topics.ts';
import { createKafkaClient } from '../kafkajs/create-kafka-client.ts';
import type { ContractWorld } from './contract-world.ts';
import { kafkaContract } from './kafka-contract.ts';

const openWorld = (decoder: 'lean' | 'stock') => async (): Promise<ContractWorld> => {
  const stack = await startStack();
  const brokers = stack.env.kafkaBrokers.split(',');
  const connect = () => createKafkaClient({ brokers, clientId: 'contract', decoder });
  const { admin } = connect();
  const run = randomUUID().slice(0, 8);
  let names = 0;
  const unique = (name: string): string => `contract-${run}-${name}-${++names}`;
  return {
    connect,
    unique,
    async createTopic(partitions = 1, config = {}) {
      const name = unique('topic');
      await admin.createTopics([{ name, partitions, replicationFactor: 1, config }]);
      return name;
    },
    async close() {
      await admin.close();
      await deleteTopics(brokers, `contract-${run}-`);
    },
  };
};

kafkaContract('Kafka', openWorld('lean'));
kafkaContract('Kafka with the stock decoder', openWorld('stock'));
