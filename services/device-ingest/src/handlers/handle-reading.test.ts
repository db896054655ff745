import { expect, jest, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { eventIdOf, tokenOf, type Outcome } from '@vigil/core';
import { topics, type ReadingAccepted, type ReadingReceived } from '@vigil/contracts';
import type { SourceRecord } from '@vigil/kafka';
import { aMessage, anAvroMessage, bytesOf, exampleMs } from '../../test-support/messages.ts';
import { recentMessagesStore } from '../dedupe/recent-messages-store.ts';
import { handleReading } from './handle-reading.ts';

const tokenKey = { id: 'token-1', secret: randomBytes(32) };
const topic = topics.vitalsReadingReceived.name;

function anIngest() {
  const observer = { excluded: jest.fn(), flagged: jest.fn(), misplaced: jest.fn() };
  const handle = handleReading({ tokenKey, historicAfterMs: 900_000, partitionOfDevice: () => 2, observer });
  const store = recentMessagesStore.open();
  const stores = { recentMessages: store.view };
  let offset = 0;
  const take = (value: unknown, changes: Partial<SourceRecord<unknown>> = {}): Outcome => {
    const origin = { topic, partition: 2, offset: offset++, timestamp: exampleMs + 1000 };
    const record = {
      topic,
      partition: 2,
      offset: origin.offset,
      timestamp: origin.timestamp,
      key: 'MONITOR_001',
      value,
      origin,
      ...changes,
    };
    return handle(record as SourceRecord<Buffer | ReadingReceived>, { stores, nowMs: exampleMs, partition: 2 });
  };
  return { take, observer, commit: () => store.merge() };
}

const emitted = (outcome: Outcome): ReadingAccepted => {
  if (outcome.disposition !== 'processed') throw new Error(outcome.disposition);
  return outcome.emissions[0]?.value as ReadingAccepted;
};

test('a reading goes on under the patient’s token, with an id that follows from its origin', () => {
  const { take, observer } = anIngest();
  const outcome = take(bytesOf(aMessage()));
  const patientToken = tokenOf(tokenKey, 'patient', 'PAT_12345');

  expect(outcome).toMatchObject({
    disposition: 'processed',
    emissions: [{ topic: { name: topics.vitalsReadingAccepted.name }, key: patientToken }],
  });
  expect(emitted(outcome)).toMatchObject({ patientToken, eventId: eventIdOf({ topic, partition: 2, offset: 0 }), temperatureC: 37 });
  expect(JSON.stringify(outcome)).not.toContain('PAT_12345');
  expect(observer.misplaced).not.toHaveBeenCalled();
});

test('the same message again is a duplicate, as JSON or as Avro', () => {
  const { take } = anIngest();

  expect(take(bytesOf(aMessage())).disposition).toBe('processed');
  expect(take(bytesOf(aMessage())).disposition).toBe('duplicate');
  expect(take(anAvroMessage()).disposition).toBe('duplicate');
  expect(take(anAvroMessage({ sequence: 8 })).disposition).toBe('processed');
});

test('two different messages of one device at one instant are both real', () => {
  const { take } = anIngest();
  const pressure = (systolic: number) => bytesOf(aMessage({ measurements: { blood_pressure: { systolic, diastolic: 80 } } }));

  expect([take(pressure(120)), take(pressure(124))].map(({ disposition }) => disposition)).toEqual(['processed', 'processed']);
});

test('messages that differ in digits that a double loses are both real', () => {
  const { take } = anIngest();
  const numbered = (last: string) =>
    Buffer.from(JSON.stringify(aMessage({ sequence: 0 })).replace('"sequence":0', `"sequence":900719925474099${last}`));

  expect([take(numbered('2')), take(numbered('3')), take(numbered('3'))].map(({ disposition }) => disposition)).toEqual([
    'processed',
    'processed',
    'duplicate',
  ]);
});

test('an upload of history that is repeated is absorbed', () => {
  const { take } = anIngest();
  const old = bytesOf(aMessage({ timestamp: '1999-03-15T14:30:00Z' }));

  expect(emitted(take(old)).historic).toBe(true);
  expect(take(old).disposition).toBe('duplicate');
});

test('a refused message is not remembered: mended elsewhere or requeued it counts', () => {
  const { take } = anIngest();
  const ahead = bytesOf(aMessage({ timestamp: '2024-03-15T15:00:00Z' }));

  expect(take(ahead)).toEqual({ disposition: 'rejected', code: 'TIMESTAMP_AHEAD' });
  const origin = { topic, partition: 2, offset: 9, timestamp: exampleMs + 3_600_000 };
  expect(take(ahead, { topic: `${topic}.device-ingest.retry`, origin }).disposition).toBe('processed');
});

test('a requeued record keeps its identity and its first arrival', () => {
  const { take } = anIngest();
  const origin = { topic, partition: 2, offset: 7, timestamp: exampleMs + 2000 };
  const outcome = take(bytesOf(aMessage()), { topic: `${topic}.device-ingest.retry`, timestamp: exampleMs + 86_400_000, origin });

  expect(emitted(outcome)).toMatchObject({ eventId: eventIdOf(origin), receivedAt: exampleMs + 2000, historic: false });
});

test('a record requeued a day later makes no message of the source’s last hour forgotten', () => {
  const { take, commit } = anIngest();
  take(bytesOf(aMessage()));
  const origin = { topic, partition: 2, offset: 1, timestamp: exampleMs };
  take(bytesOf(aMessage({ sequence: 0 })), { topic: `${topic}.device-ingest.retry`, timestamp: exampleMs + 86_400_000, origin });
  commit();
  for (let sequence = 1; sequence < 10_000; sequence++) take(bytesOf(aMessage({ sequence })));

  expect(take(bytesOf(aMessage())).disposition).toBe('duplicate');
});

test.each([
  [Buffer.from('{'), 'NOT_JSON'],
  [Buffer.alloc(0), 'EMPTY_VALUE'],
  [Buffer.from([1, 0, 0, 0, 1]), 'NOT_JSON'],
  [bytesOf([aMessage()]), 'BAD_SHAPE'],
  [bytesOf(aMessage({ device_id: '' })), 'MISSING_ID'],
  [bytesOf(aMessage({ measurements: {} })), 'NO_USABLE_FIELD'],
])('%s is quarantined as %s', (value, code) => {
  expect(anIngest().take(value)).toEqual({ disposition: 'rejected', code });
});

test('what was excluded or flagged is told, once per accepted record', () => {
  const { take, observer } = anIngest();
  const message = bytesOf(aMessage({ measurements: { heart_rate: 0, oxygen_saturation: 97, temperature: 37 } }));
  take(message);
  take(message);

  expect(observer.excluded.mock.calls).toEqual([['heart_rate', 'ZERO_SIGNAL']]);
  expect(observer.flagged.mock.calls).toEqual([['TEMPERATURE_UNIT_CONVERTED']]);
});

test('a device on another partition than its own, or without a key, is processed and reported', () => {
  const { take, observer } = anIngest();
  const elsewhere = { topic, partition: 3, offset: 0, timestamp: exampleMs };

  expect(take(bytesOf(aMessage()), { origin: elsewhere }).disposition).toBe('processed');
  expect(take(bytesOf(aMessage({ sequence: 2 })), { key: null }).disposition).toBe('processed');
  expect(observer.misplaced.mock.calls).toEqual([[elsewhere], [expect.objectContaining({ partition: 2 })]]);
});
