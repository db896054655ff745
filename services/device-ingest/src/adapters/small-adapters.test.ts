import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { createMemoryBroker, createVirtualClock } from '@vigil/kafka';
import { readApiKey } from './read-api-key.ts';
import { readPartitions } from './read-partitions.ts';
import { serveGateway } from './serve-gateway.ts';
import { observeIngest } from './observe-ingest.ts';
import { observeGateway, observeLag } from './observe-gateway.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'device-ingest-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const fileOf = (text: string): string => {
  const path = join(directory, 'key');
  writeFileSync(path, text);
  return path;
};

test('the API key is the word in its file', () => {
  expect(readApiKey(fileOf('0123456789abcdef\n'))).toBe('0123456789abcdef');
});

test.each(['', 'short', 'two words of some length', '\n'])('%j is no API key', (text) => {
  expect(() => readApiKey(fileOf(text))).toThrow(
    expect.objectContaining({ code: 'BAD_SETTINGS', message: expect.stringContaining('at least 16') }),
  );
});

test('a file that is not there is named', () => {
  expect(() => readApiKey('/nowhere/key')).toThrow(
    expect.objectContaining({ code: 'BAD_SETTINGS', message: expect.stringContaining('/nowhere/key') }),
  );
});

/** A clock on which every wait is over at once. */
const hurried = (then: () => void = () => undefined) => ({
  now: () => 0,
  after: (_delayMs: number, run: () => void) => {
    then();
    run();
    return () => undefined;
  },
});

test('partition counts are asked once all topics exist', async () => {
  const broker = createMemoryBroker({ clock: createVirtualClock(0) });
  broker.createTopic('a', 4);
  const { admin } = broker.connect();
  const partitionsOf = await readPartitions(
    admin,
    ['a', 'b'],
    hurried(() => broker.createTopic('b', 2)),
  );

  expect([partitionsOf('a'), partitionsOf('b')]).toEqual([4, 2]);
  expect(() => partitionsOf('c')).toThrow(expect.objectContaining({ code: 'TOPIC_MISSING' }));
});

test('topics that do not come are all named', async () => {
  const broker = createMemoryBroker({ clock: createVirtualClock(0) });
  broker.createTopic('a', 4);

  await expect(readPartitions(broker.connect().admin, ['a', 'b', 'c'], hurried())).rejects.toMatchObject({
    code: 'TOPIC_MISSING',
    message: expect.stringContaining('b, c'),
  });
});

test('a taken port is named, any other failure is handed on', async () => {
  const first = await serveGateway(express(), { host: '127.0.0.1', port: 0 });
  await expect(serveGateway(express(), { host: '127.0.0.1', port: first.port })).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    message: expect.stringContaining(String(first.port)),
  });
  await first.close();
  await expect(serveGateway(express(), { host: '203.0.113.1', port: 0 })).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
});

test('of misplaced records each is counted and one in a minute is logged, with how many there were', () => {
  const clock = createVirtualClock(0);
  const emit = { fieldExcluded: jest.fn(), readingFlagged: jest.fn(), recordMisplaced: jest.fn(), devicesMisplaced: jest.fn() };
  const observer = observeIngest(emit, clock);
  const misplace = (offset: number) => observer.misplaced({ topic: 't', partition: 1, offset });
  for (let offset = 0; offset < 10; offset++) misplace(offset);
  clock.advance(60_000);
  misplace(10);
  observer.excluded('heart_rate', 'ZERO_SIGNAL');
  observer.flagged('LEAD_OFF');

  expect(emit.recordMisplaced).toHaveBeenCalledTimes(11);
  expect(emit.devicesMisplaced.mock.calls).toEqual([
    [{ topic: 't', partition: 1, offset: 0, records: 1 }],
    [{ topic: 't', partition: 1, offset: 10, records: 10 }],
  ]);
  expect(emit.fieldExcluded).toHaveBeenCalledWith({ field: 'heart_rate', code: 'ZERO_SIGNAL' });
  expect(emit.readingFlagged).toHaveBeenCalledWith({ flag: 'LEAD_OFF' });
});

function emitters() {
  const names = ['gatewayAnswered', 'lagSampled', 'holdingBack', 'admittingAll'] as const;
  return Object.fromEntries(names.map((name) => [name, jest.fn()])) as unknown as Parameters<typeof observeLag>[0] &
    Record<(typeof names)[number], ReturnType<typeof jest.fn>>;
}

test('requests and failures of the gateway are told', () => {
  const emit = emitters();
  const log = { failure: jest.fn() };
  const observer = observeGateway(emit, log as unknown as Parameters<typeof observeGateway>[1]);
  observer.answered({ route: 'readings', status: 202, items: 3, durationMs: 7 });
  const error = new Error('x');
  observer.failed('readings', error);

  expect(emit.gatewayAnswered).toHaveBeenCalledWith({ route: 'readings', status: '202', items: 3, durationMs: 7 });
  expect(log.failure).toHaveBeenCalledWith('the gateway failed on a request', error);
});

test('both ends of holding back are logged once', () => {
  const emit = emitters();
  const onSample = observeLag(emit, 1000);
  for (const ratePerSecond of [null, 500, 250, null, null]) onSample({ lagSeconds: 1.5, ratePerSecond, source: 'observer' });

  expect(emit.lagSampled).toHaveBeenCalledTimes(5);
  expect(emit.lagSampled).toHaveBeenLastCalledWith({ lagMs: 1500, rate: 1000 });
  expect(emit.holdingBack.mock.calls).toEqual([[{ lagMs: 1500, rate: 500 }]]);
  expect(emit.admittingAll.mock.calls).toEqual([[{ lagMs: 1500 }]]);
});
