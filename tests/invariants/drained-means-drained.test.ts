import { beforeAll, expect, test } from '@jest/globals';
import { drainedLedger, sendInBackground, startFleet, vigil } from '../fleet/fleet.ts';
import { createWorkload } from '../fleet/workload.ts';

beforeAll(async () => {
  await startFleet();
});

interface Lag {
  readonly groups: readonly {
    readonly group: string;
    readonly topic: string;
    readonly partition: number;
    readonly position: number;
    readonly end: number;
    readonly lagRecords: number;
  }[];
}

test('a drained fleet has no lag on any partition, although transactional topics end in markers', async () => {
  const workload = createWorkload({
    name: `DRAIN${Date.now()}`,
    patients: 8,
    readingsEach: 50,
    malformedEvery: 40,
    duplicateEvery: 40,
    startMs: Date.now() - 60_000,
    stepMs: 1000,
  });
  expect((await sendInBackground('readings', workload.lines, 2000)).code).toBe(0);

  expect((await drainedLedger()).balanced).toBe(true);
  const { groups } = await vigil<Lag>(['lag']);

  expect(groups.length).toBeGreaterThan(0);
  expect(groups.filter(({ lagRecords }) => lagRecords !== 0)).toEqual([]);
  expect(groups.filter(({ position, end }) => position !== end)).toEqual([]);
});
