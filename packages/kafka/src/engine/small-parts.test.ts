import { expect, test } from '@jest/globals';
import { VigilError } from '@vigil/core';
import { projectionOf } from '../codec/projection.ts';
import { decodeMetadata, encodeMetadata } from './commit-metadata.ts';
import { createVirtualClock, systemEngineClock, systemStageClock } from './engine-clock.ts';
import { silentObserver } from './engine-observer.ts';
import { attemptsFromHeaders, originFromHeaders, textHeader } from './record-headers.ts';
import { createRetrySchedule } from './retry-schedule.ts';
import { BatchFailure, asBatchFailure, errorNameOf, reactionTo, refusalOf } from './task-failure.ts';

test('metadata comes back as it was written, and foreign text counts as none', () => {
  const metadata = { commit: 7, fault: { topic: 't', offset: 3, attempts: 2 }, rejectedInARow: 4 };
  expect(decodeMetadata(encodeMetadata(metadata, 'id'))).toEqual({ ...metadata, topicId: 'id' });
  expect(decodeMetadata(encodeMetadata({ commit: 1, fault: null, rejectedInARow: 0 }, null))).toEqual({
    commit: 1,
    fault: null,
    rejectedInARow: 0,
    topicId: null,
  });
  for (const text of ['', 'hello', '7', 'null', '{"commit":"x","fault":7,"topicId":7}', '{"fault":{"topic":1}}']) {
    expect(decodeMetadata(text)).toEqual({ commit: 0, fault: null, rejectedInARow: 0, topicId: null });
  }
  expect(decodeMetadata('{"fault":{"topic":"t","offset":1}}').fault).toEqual({ topic: 't', offset: 1, attempts: 1 });
});

test('headers are read as text, the last of a repeated one, and numbers only where they are numbers', () => {
  const text = (value: string) => Buffer.from(value);
  const headers = [
    ['vigil-origin-topic', text('t')],
    ['vigil-origin-partition', text('1')],
    ['vigil-origin-offset', text('5')],
    ['vigil-origin-timestamp', text('9')],
    ['vigil-attempt', text('x')],
    ['vigil-attempt', null],
  ] as const;
  expect(originFromHeaders(headers)).toEqual({ topic: 't', partition: 1, offset: 5, timestamp: 9 });
  expect(
    originFromHeaders([
      ['vigil-origin-topic', text('t')],
      ['vigil-origin-offset', text('-1')],
    ]),
  ).toBeNull();
  expect(attemptsFromHeaders(headers)).toBe(0);
  expect(textHeader(headers, 'absent')).toBeNull();
});

test('delays double with full jitter up to the cap, and begin anew after success', () => {
  const schedule = createRetrySchedule({ retryBaseMs: 100, retryCapMs: 1_000 }, () => 0.5);
  expect(Array.from({ length: 6 }, () => schedule.next().delayMs)).toEqual([50, 100, 200, 400, 500, 500]);
  schedule.reset();
  expect(schedule.next()).toEqual({ attempt: 1, delayMs: 50 });
});

test('a virtual clock runs what is due in order of time, at its time', () => {
  const clock = createVirtualClock(1_000);
  const seen: string[] = [];
  clock.after(50, () => seen.push(`late ${clock.now()}`));
  clock.after(10, () => {
    seen.push(`early ${clock.now()}`);
    clock.after(5, () => seen.push(`nested ${clock.now()}`));
  });
  clock.after(20, () => seen.push('never'))();
  clock.advance(30);
  expect(seen).toEqual(['early 1010', 'nested 1015']);
  clock.advance(30);
  expect(seen.at(-1)).toBe('late 1050');
  expect(clock.now()).toBe(1_060);
});

test('the system’s clock calls back, and can be told not to', async () => {
  let called = false;
  systemEngineClock.after(1, () => void (called = true))();
  await new Promise<void>((resolve) => {
    systemEngineClock.after(5, resolve);
  });
  expect(called).toBe(false);
  expect(systemEngineClock.now()).toBeGreaterThan(1_600_000_000_000);
  expect(silentObserver.on({ type: 'membership-lost', stage: 's' })).toBeUndefined();
});

test('nobody sets the clock of a stage: it goes on from where it began, in whole milliseconds', () => {
  const realNow = Date.now;
  const before = systemStageClock.now();
  try {
    Date.now = () => realNow() - 3_600_000;
    expect(systemStageClock.present()).toBeLessThan(before - 3_000_000);
    expect(systemStageClock.now()).toBeGreaterThanOrEqual(before);
    Date.now = () => realNow() + 3_600_000;
    expect(systemStageClock.now()).toBeLessThan(before + 3_000_000);
  } finally {
    Date.now = realNow;
  }
  expect(Number.isInteger(systemStageClock.now())).toBe(true);
});

test('failures are reacted to by their class', () => {
  expect(reactionTo(new BatchFailure(new Error('x'))).kind).toBe('bisect');
  expect(reactionTo(new VigilError('FENCED')).kind).toBe('fenced');
  expect(refusalOf(new VigilError('FENCED'))).toBe('FENCED');
  const refused = Object.assign(new Error('of somebody'), { name: 'KafkaJSProtocolError', type: 'INVALID_PRODUCER_EPOCH' });
  expect(refusalOf(new Error('given up', { cause: refused }))).toBe('INVALID_PRODUCER_EPOCH');
  expect(refusalOf(Object.assign(new Error(), { type: 'a text', originalError: undefined }))).toBe('FENCED');
  for (const code of ['TIMED_OUT', 'REGISTRY_AWAY'] as const) expect(reactionTo(new VigilError(code)).kind).toBe('retry');
  for (const code of ['MALFORMED_AVRO', 'ACCESS_DENIED', 'TOPIC_MISSING', 'BAD_USAGE', 'QUARANTINE_LIMIT'] as const) {
    expect(reactionTo(new VigilError(code)).kind).toBe('fatal');
  }
  expect(asBatchFailure(new VigilError('MESSAGE_TOO_LARGE'))).toBeInstanceOf(BatchFailure);
  expect(asBatchFailure(new VigilError('CORRUPT_BATCH'))).toBeInstanceOf(VigilError);
  expect(errorNameOf(7)).toBe('number');
});

test('a projection keeps the schema but for the fields left out', () => {
  const schema = {
    type: 'record',
    name: 'R',
    fields: [
      { name: 'a', type: 'int' },
      { name: 'b', type: 'int' },
    ],
  };
  expect(projectionOf(schema, ['b'])).toEqual({ type: 'record', name: 'R', fields: [{ name: 'b', type: 'int' }] });
  expect(() => projectionOf({ name: 'R' }, ['x'])).toThrow('R has no field x');
});
