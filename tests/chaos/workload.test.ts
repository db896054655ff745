import { expect, test } from '@jest/globals';
import { createWorkload, type ChaosMessage, type MessageKind } from './workload.ts';

const endMs = Date.UTC(2026, 0, 1);
const make = (records: number, seed = 1) => createWorkload({ seed, name: 'T', records, endMs });
const only = (messages: readonly ChaosMessage[], kind: MessageKind) => messages.filter((message) => message.kind === kind);

test.each([500, 2_500, 20_000, 100_000])('of %i records 5 % are malformed, about 1 % critical, of at most 60 patients', (records) => {
  const { messages } = make(records);
  const critical = messages.filter((message) => message.critical && message.kind === 'reading');

  expect(messages.length).toBeGreaterThanOrEqual(records * 0.97);
  expect(messages.length).toBeLessThan(records * 1.35);
  expect(only(messages, 'malformed').length / messages.length).toBeCloseTo(0.05, 1);
  expect(critical.length / messages.length).toBeGreaterThan(0.004);
  expect(critical.length / messages.length).toBeLessThan(0.02);
  expect(new Set(critical.map(({ key }) => key)).size).toBeLessThanOrEqual(60);
});

test('a reading is known again by its device and time', () => {
  const workload = make(500);
  for (const { id, key, value } of only(workload.messages, 'reading')) {
    const { device_id: device, timestamp } = JSON.parse(String(value)) as { device_id: string; timestamp: string };
    expect(workload.idOf(device, Date.parse(timestamp))).toBe(id);
    expect(device).toBe(key);
  }
});

test('rubbish and readings are each unlike all others; only duplicates repeat', () => {
  const unrepeated = make(2_500).messages.filter(({ kind }) => kind !== 'duplicate');
  expect(new Set(unrepeated.map(({ value }) => String(value))).size).toBe(unrepeated.length);
  expect(new Set(unrepeated.map(({ id }) => id)).size).toBe(unrepeated.length);
});

test('the same seed gives the same workload, another one another', () => {
  const text = (seed: number): string =>
    make(500, seed)
      .messages.map(({ value }) => String(value))
      .join('\n');
  expect(text(1)).toBe(text(1));
  expect(text(1)).not.toBe(text(2));
});

test('each producer’s readings go forward in time', () => {
  const last = new Map<string, number>();
  for (const { id, key } of only(make(2_500).messages, 'reading')) {
    const seq = Number(id.split(':')[1]);
    expect(seq).toBeGreaterThan(last.get(key) ?? -1);
    last.set(key, seq);
  }
});
