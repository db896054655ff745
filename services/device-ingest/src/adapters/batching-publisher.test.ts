import { expect, test } from '@jest/globals';
import { VigilError } from '@vigil/core';
import { createVirtualClock, partitionOf, type IdempotentProducer, type ProducedRecord } from '@vigil/kafka';
import { createBatchingPublisher } from './batching-publisher.ts';

type Send = PromiseWithResolvers<void> & { readonly records: readonly ProducedRecord[] };

/** Producers whose sends end when the test says so. */
function aBroker() {
  const sends: Send[] = [];
  let opened = 0;
  let closed = 0;
  const openProducer = async (): Promise<IdempotentProducer> => {
    opened++;
    return {
      send(records) {
        const send = { ...Promise.withResolvers<void>(), records };
        sends.push(send);
        return send.promise;
      },
      close: async () => void closed++,
    };
  };
  return { openProducer, sends, counts: () => ({ opened, closed }) };
}

const aRecord = (key = 'M1', size = 2) => ({ topic: 't', key, value: Buffer.alloc(size, 'x'), traceparent: null });
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function aPublisher({ maxWaitingBytes = 1e9 } = {}) {
  const broker = aBroker();
  const clock = createVirtualClock(0);
  const { openProducer } = broker;
  const publisher = createBatchingPublisher({ openProducer, partitionsOf: () => 8, clock, timeoutMs: 1000, maxWaitingBytes });
  return { ...broker, clock, publisher };
}

test('what comes while a send is under way goes with the next one: there is never more than one', async () => {
  const { publisher, sends } = aPublisher();
  const first = publisher.publish([aRecord()], 'usual');
  await settled();
  const later = [publisher.publish([aRecord('M2')], 'usual'), publisher.publish([aRecord('M3'), aRecord('M4')], 'usual')];
  await settled();
  expect(sends).toHaveLength(1);

  sends[0]!.resolve();
  await first;
  await settled();
  expect(sends.map(({ records }) => records.map(({ key }) => String(key)))).toEqual([['M1'], ['M2', 'M3', 'M4']]);
  sends[1]!.resolve();
  await Promise.all(later);
});

test('a record goes to the partition that Java’s producer would choose', async () => {
  const { publisher, sends } = aPublisher();
  void publisher.publish([{ ...aRecord('Gerät 7'), traceparent: 'trace' }], 'usual');
  await settled();

  expect(sends[0]?.records[0]).toMatchObject({
    partition: partitionOf(Buffer.from('Gerät 7'), 8),
    headers: [['traceparent', Buffer.from('trace')]],
    timestamp: null,
  });
});

test('a large request is sent in parts and confirmed after the last', async () => {
  const { publisher, sends } = aPublisher();
  const published = publisher.publish(
    Array.from({ length: 4500 }, (_, at) => aRecord(`M${at}`)),
    'usual',
  );
  for (let part = 0; part < 3; part++) {
    await settled();
    sends[part]!.resolve();
  }
  await published;

  expect(sends.map(({ records }) => records.length)).toEqual([2000, 2000, 500]);
});

test('batches stay small enough to be acknowledged in time', async () => {
  const { publisher, sends } = aPublisher();
  const requests = [5, 5, 5].map((megabytes) => publisher.publish([aRecord('M1', megabytes * 1024 * 1024)], 'usual'));
  for (let send = 0; send < 3; send++) {
    await settled();
    sends[send]!.resolve();
  }
  await Promise.all(requests);

  expect(sends).toHaveLength(3);
});

test('after a failure the producer is thrown away: no sequence number is used twice', async () => {
  const { publisher, sends, counts } = aPublisher();
  const failing = publisher.publish([aRecord()], 'usual');
  await settled();
  sends[0]!.reject(new VigilError('KAFKA_AWAY'));
  await expect(failing).rejects.toMatchObject({ code: 'KAFKA_AWAY' });
  const next = publisher.publish([aRecord()], 'usual');
  await settled();
  sends[1]!.resolve();
  await next;

  expect(counts()).toEqual({ opened: 2, closed: 1 });
});

test('without an answer in time a request fails, with those that waited behind it as long', async () => {
  const { publisher, sends, clock, counts } = aPublisher();
  const hanging = publisher.publish([aRecord()], 'usual');
  await settled();
  const behind = publisher.publish([aRecord('M2')], 'usual');
  clock.advance(1000);

  await expect(hanging).rejects.toMatchObject({ code: 'KAFKA_AWAY' });
  await expect(behind).rejects.toMatchObject({ code: 'KAFKA_AWAY' });
  expect(sends).toHaveLength(1);
  expect(counts()).toEqual({ opened: 1, closed: 1 });
});

test('beyond what may wait a request is refused at once', async () => {
  const { publisher, sends } = aPublisher({ maxWaitingBytes: 100 });
  void publisher.publish([aRecord('M1', 90)], 'critical');
  await settled();
  void publisher.publish([aRecord('M2', 90)], 'critical');

  await expect(publisher.publish([aRecord('M3', 90)], 'critical')).rejects.toMatchObject({ code: 'KAFKA_AWAY' });
  sends[0]!.resolve();
});

test('closing waits for what is being sent', async () => {
  const { publisher, sends, counts } = aPublisher();
  const published = publisher.publish([aRecord()], 'usual');
  await settled();
  const closing = publisher.close();
  await settled();
  expect(counts().closed).toBe(0);
  sends[0]!.resolve();
  await Promise.all([published, closing]);

  expect(counts()).toEqual({ opened: 1, closed: 1 });
});

test('closing a producer that fails to close is no failure', async () => {
  const publisher = createBatchingPublisher({
    openProducer: async () => ({ send: async () => undefined, close: () => Promise.reject(new Error('gone')) }),
    partitionsOf: () => 1,
    clock: createVirtualClock(0),
    timeoutMs: 1000,
    maxWaitingBytes: 1000,
  });
  await publisher.publish([aRecord()], 'usual');

  await expect(publisher.close()).resolves.toBeUndefined();
  await expect(publisher.close()).resolves.toBeUndefined();
});

test('a producer that opens after the batch was given up is closed, and sends nothing of it', async () => {
  const { openProducer, sends, counts } = aBroker();
  const clock = createVirtualClock(0);
  const late = Promise.withResolvers<void>();
  const options = { partitionsOf: () => 8, clock, timeoutMs: 1000, maxWaitingBytes: 1e9 };
  const publisher = createBatchingPublisher({ ...options, openProducer: () => late.promise.then(openProducer) });
  const given = publisher.publish([aRecord()], 'usual');
  const refused = expect(given).rejects.toMatchObject({ code: 'KAFKA_AWAY' });
  clock.advance(1000);
  await refused;

  late.resolve();
  await settled();

  expect([sends.length, counts()]).toEqual([0, { opened: 1, closed: 1 }]);
});

test('of a batch that was given up no further part is sent', async () => {
  const { publisher, sends, clock } = aPublisher();
  const refused = expect(
    publisher.publish(
      Array.from({ length: 2001 }, () => aRecord()),
      'usual',
    ),
  ).rejects.toMatchObject({ code: 'KAFKA_AWAY' });
  await settled();
  clock.advance(1000);
  await refused;
  sends[0]!.resolve();
  await settled();

  expect(sends).toHaveLength(1);
});

test('a quarter of what may wait is kept for what is critical', async () => {
  const { publisher } = aPublisher({ maxWaitingBytes: 400 });
  const refused = (size: number, urgency: 'critical' | 'usual') =>
    expect(publisher.publish([aRecord('', size)], urgency)).rejects.toMatchObject({ code: 'KAFKA_AWAY' });
  // What is being sent does not wait any more.
  void publisher.publish([aRecord('', 1)], 'usual');
  void publisher.publish([aRecord('', 300)], 'usual');
  await refused(1, 'usual');
  void publisher.publish([aRecord('', 99)], 'critical');
  await refused(2, 'critical');
  void publisher.publish([aRecord('', 1)], 'critical');
});
