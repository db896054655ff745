import { expect, test } from '@jest/globals';
import type { ProducedRecord } from '@vigil/kafka';
import { createWard } from '@vigil/testing';
import { deterioratingPatient, leadOffPatient, playWard, uploadHistory } from './play-ward.ts';
import { createWardPublisher } from './ward-publisher.ts';

/** A log instead of a broker: what the publisher hands over is what is looked at. */
function logged() {
  const records: ProducedRecord[] = [];
  const requests: number[] = [];
  const publisher = createWardPublisher(
    {
      send: async (batch) => {
        requests.push(batch.length);
        records.push(...batch);
      },
      close: async () => {},
    },
    4,
  );
  return { publisher, records, requests };
}

function virtualTime(startMs: number) {
  let nowMs = startMs;
  return {
    clock: { now: () => nowMs },
    sleep: async (ms: number) => {
      nowMs += ms;
    },
  };
}

const startMs = Date.parse('2026-03-01T10:00:00Z');
const textOf = (records: readonly ProducedRecord[]) => records.map(({ value }) => value?.toString('latin1') ?? '');

test('history covers twelve minutes in requests of bounded size', async () => {
  const { publisher, records, requests } = logged();
  const count = await uploadHistory({ ward: createWard({ seed: 1, patients: 20, name: 'H' }), publisher, clock: { now: () => startMs } });

  expect(count).toBe(20 * 144);
  expect(records).toHaveLength(count);
  expect(publisher.sent()).toBe(count);
  expect(Math.max(...requests)).toBeLessThanOrEqual(2000);
});

test('the ward is played in real time, second by second, with one deterioration and one lost lead', async () => {
  const { publisher, records } = logged();
  const time = virtualTime(startMs);
  const seconds: number[] = [];
  const ward = createWard({ seed: 1, patients: 10, name: 'P' });
  await playWard({ ward, publisher, seconds: 20, ...time, onSecond: (second) => seconds.push(second) });

  expect(seconds).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  expect(time.clock.now() - startMs).toBe(20_000);
  const lost = textOf(records.filter(({ key }) => key?.toString() === `MONITOR_P_00${leadOffPatient + 1}`));
  expect(lost.some((text) => text.includes('LEAD_OFF'))).toBe(true);
  const worse = textOf(records.filter(({ key }) => key?.toString() === `MONITOR_P_00${deterioratingPatient + 1}`));
  expect(worse.some((text) => /"heart_rate":1[3-9]\d/.test(text))).toBe(true);
});

test('a device stays on one partition, and registry entries are not counted as readings', async () => {
  const { publisher, records } = logged();
  const ward = createWard({ seed: 1, patients: 10, name: 'Q' });
  await publisher.patients(ward.registry);
  expect(publisher.sent()).toBe(0);
  records.length = 0;
  await publisher.readings(ward.round(startMs));
  await publisher.readings(ward.round(startMs + 1000));

  const partitions = new Map<string, Set<number>>();
  for (const { key, partition } of records) {
    const device = key?.toString() ?? '';
    partitions.set(device, (partitions.get(device) ?? new Set()).add(partition));
  }
  expect([...partitions.values()].every((seen) => seen.size === 1)).toBe(true);
});
