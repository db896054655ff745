import { expect, jest, test } from '@jest/globals';
import { createFakeLink, protocolError } from '../../test-support/fake-link.ts';
import { eventually } from '../contract/contract-world.ts';
import type { ProducedRecord } from '../ports/kafka-client.ts';
import { createIdempotentProducer } from './idempotent-producer.ts';
import { checkKafkajsVersion, createCluster, scheduleOnlyWhenPending, supportedVersion } from './kafkajs-internals.ts';
import { planRounds } from './produce.ts';
import { retryBusy } from './retry-busy.ts';
import { createSequenceBook } from './sequence-book.ts';
import { createTransactionalProducer } from './transactional-producer.ts';

const aRecord = (partition = 0, value = 'x'): ProducedRecord => ({
  topic: 't',
  partition,
  key: null,
  value: Buffer.from(value),
  headers: [],
  timestamp: 1,
});
const timedOut = (): Error => Object.assign(new Error('timed out'), { name: 'KafkaJSRequestTimeoutError' });
const options = { requestTimeoutMs: 1_000, deliverWithinMs: 5_000 };
const transaction = { transactionalId: 'g.0', transactionTimeoutMs: 1_000, requestTimeoutMs: 1_000 };

test('a send that timed out is repeated with its own sequence numbers before anything else is sent', async () => {
  const { link, produced } = createFakeLink({ onProduce: (_, number) => (number === 1 ? timedOut() : 0) });
  const producer = createIdempotentProducer({ link, ...options });
  const first = producer.send([aRecord(), aRecord()]);
  await eventually(() => produced.length === 1, 'the first is on its way');
  await Promise.all([first, producer.send([aRecord()])]);

  expect(produced.flat().map(({ firstSequence, records }) => [firstSequence, records])).toEqual([
    [0, 2],
    [0, 2],
    [2, 1],
  ]);
  await producer.close();
});

test('one request is in flight, however many callers send', async () => {
  let inFlight = 0;
  let most = 0;
  const { link } = createFakeLink({
    onProduce: async () => {
      most = Math.max(most, ++inFlight);
      await new Promise(setImmediate);
      inFlight--;
      return 0;
    },
  });
  const producer = createIdempotentProducer({ link, ...options });
  await Promise.all(Array.from({ length: 10 }, () => producer.send([aRecord(0), aRecord(1)])));

  expect(most).toBe(1);
});

test('what several callers send meanwhile goes in one request, but for what is large', async () => {
  const { link, produced } = createFakeLink();
  const producer = createIdempotentProducer({ link, ...options });
  const sizes = [1, 1, 600_000, 1, 1].map((bytes) => producer.send([aRecord(0, 'x'.repeat(bytes))]));
  await Promise.all([...sizes, producer.send(Array.from({ length: 4_999 }, () => aRecord())), producer.send([])]);

  expect(produced.map((batches) => batches.map(({ records }) => records))).toEqual([[2], [1], [2], [4_999]]);
});

test('what the broker has already counts as taken', async () => {
  const duplicateSequence = 46;
  const { link, produced } = createFakeLink({ onProduce: (_, number) => (number === 1 ? duplicateSequence : 0) });
  const producer = createIdempotentProducer({ link, ...options });
  await producer.send([aRecord()]);
  await producer.send([aRecord()]);

  expect(produced.flat().map(({ firstSequence }) => firstSequence)).toEqual([0, 1]);
});

test('after a batch was given up the next one has a new producer id', async () => {
  const messageTooLarge = 10;
  const { link, produced } = createFakeLink({ onProduce: (_, number) => (number === 1 ? messageTooLarge : 0) });
  const producer = createIdempotentProducer({ link, ...options });
  await expect(producer.send([aRecord()])).rejects.toMatchObject({ type: 'MESSAGE_TOO_LARGE' });
  await producer.send([aRecord()]);

  expect(produced.flat().map(({ producerId, firstSequence }) => [producerId, firstSequence])).toEqual([
    [101, 0],
    [102, 0],
  ]);
});

test('a batch whose time is over fails with the last failure', async () => {
  const { link } = createFakeLink({ onProduce: timedOut });

  await expect(createIdempotentProducer({ link, ...options, deliverWithinMs: 0 }).send([aRecord()])).rejects.toThrow('timed out');
});

test('sequence numbers wrap after 2³¹ − 1 without losing count', () => {
  const book = createSequenceBook(2 ** 31 - 3);
  book.advance('t', 0, 5);
  expect(book.current('t', 0)).toBe(2);
  expect(book.current('t', 1)).toBe(2 ** 31 - 3);
});

test('a partition has one batch per request, in order, and none is larger than a topic takes', () => {
  const large = 'x'.repeat(400_000);
  const records = [
    aRecord(0, large),
    aRecord(1, 'a'),
    aRecord(0, large),
    aRecord(0, large),
    aRecord(1, 'b'),
    aRecord(0, 'y'.repeat(2_000_000)),
    aRecord(0, 'z'),
  ];
  const rounds = planRounds(records).map((round) =>
    round.map(({ partition, records: batch }) => [partition, batch.map(({ value }) => value?.length)]),
  );

  expect(rounds).toEqual([
    [
      [0, [400_000, 400_000]],
      [1, [1, 1]],
    ],
    [[0, [400_000]]],
    [[0, [2_000_000]]],
    [[0, [1]]],
  ]);
});

test('a busy coordinator is asked again, looked for anew, and not for ever', async () => {
  const attempts: number[] = [];
  const busy = (until: number) => async (attempt: number) => {
    attempts.push(attempt);
    if (attempt < until) throw protocolError('CONCURRENT_TRANSACTIONS');
    return 'done';
  };
  expect(await retryBusy(busy(3), 1_000)).toBe('done');
  expect(attempts).toEqual([1, 2, 3]);
  await expect(retryBusy(busy(99), 0)).rejects.toMatchObject({ type: 'CONCURRENT_TRANSACTIONS' });
  await expect(retryBusy(() => Promise.reject(protocolError('INVALID_PRODUCER_EPOCH')), 1_000)).rejects.toMatchObject({
    type: 'INVALID_PRODUCER_EPOCH',
  });
});

test('AddOffsetsToTxn is repeated where the coordinator is still busy with the last transaction', async () => {
  let calls = 0;
  const { link, asked } = createFakeLink({
    broker: {
      addOffsetsToTxn: () => {
        if (++calls === 1) throw protocolError('CONCURRENT_TRANSACTIONS');
      },
    },
  });
  const producer = createTransactionalProducer({ link, ...transaction });
  await producer.fence();
  await producer.begin();
  await producer.sendPositions('g', [{ topic: 't', partition: 0, offset: 1, metadata: '' }]);
  await producer.commit();

  expect(asked).toEqual(['initProducerId', 'addOffsetsToTxn', 'addOffsetsToTxn', 'txnOffsetCommit', 'endTxn']);
});

test('partitions are added to a transaction once, and again in the next', async () => {
  const { link, asked } = createFakeLink();
  const producer = createTransactionalProducer({ link, ...transaction });
  await producer.fence();
  for (let round = 0; round < 2; round++) {
    await producer.begin();
    await producer.send([aRecord()]);
    await producer.send([aRecord()]);
    await producer.abort();
  }

  expect(asked.filter((name) => name === 'addPartitionsToTxn')).toHaveLength(2);
});

test('after a failed commit the producer refuses everything: its outcome is unknown', async () => {
  const { link, asked } = createFakeLink({
    broker: {
      endTxn: () => {
        throw timedOut();
      },
    },
  });
  const producer = createTransactionalProducer({ link, ...transaction });
  await producer.fence();
  await producer.begin();
  await producer.send([aRecord()]);
  await expect(producer.commit()).rejects.toThrow('timed out');
  for (const use of [() => producer.abort(), () => producer.begin(), () => producer.send([aRecord()]), () => producer.fence()])
    await expect(use()).rejects.toThrow();
  await producer.close();

  expect(asked.filter((name) => name === 'endTxn')).toHaveLength(1);
  expect(asked.at(-1)).toBe('close');
});

test('no timer runs on a connection where nothing waits', () => {
  jest.useFakeTimers({ now: 1_000 });
  const queue = { pending: [] as unknown[], throttledUntil: -1, throttleCheckTimeoutId: null, checkPendingRequests: jest.fn() };
  scheduleOnlyWhenPending.call(queue);
  expect(jest.getTimerCount()).toBe(0);
  queue.pending.push('request');
  scheduleOnlyWhenPending.call(queue);
  scheduleOnlyWhenPending.call(queue);
  expect(jest.getTimerCount()).toBe(1);
  jest.runAllTimers();
  expect(queue.checkPendingRequests).toHaveBeenCalledTimes(1);
  jest.useRealTimers();
});

test('the adapter runs with the kafkajs it was written for and no other', () => {
  expect(() => checkKafkajsVersion()).not.toThrow();
  expect(() => checkKafkajsVersion('2.3.0')).toThrow(supportedVersion);
  const cluster = createCluster({ brokers: ['127.0.0.1:1'], clientId: 'x', requestTimeoutMs: 1, connectionTimeoutMs: 1 });
  expect(cluster).toBeDefined();
});
