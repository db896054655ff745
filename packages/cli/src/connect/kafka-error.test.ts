import { expect, test } from '@jest/globals';
import { VigilError } from '@vigil/core';
import { asKafkaError } from './kafka-error.ts';
import { withKafka } from './with-kafka.ts';

test('brokers that do not answer are named', async () => {
  await expect(withKafka(({ admin }) => admin.describeTopics(['t']), '127.0.0.1:1')).rejects.toMatchObject({ code: 'KAFKA_AWAY' });
  await expect(withKafka(({ admin }) => admin.describeTopics(['t']), '127.0.0.1:1')).rejects.toThrow('127.0.0.1:1');
});

test('what names itself, and what nobody knows, stays as it is', () => {
  const known = new VigilError('BAD_USAGE');
  const unknown = new Error('bug');

  expect(asKafkaError(known)).toBe(known);
  expect(asKafkaError(unknown)).toBe(unknown);
  expect(asKafkaError(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))).toMatchObject({ code: 'KAFKA_AWAY' });
});
