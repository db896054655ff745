import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lagSlope } from './lag-slope.ts';
import { severityOf } from './lag-state.ts';
import { observeGroups, type LagHistories, type MeasuredPartition } from './observe-groups.ts';

const step = fc.record({ processed: fc.nat(50), arrived: fc.nat(50), lagSeconds: fc.double({ min: 0, max: 100, noNaN: true }) });
const lives = fc.array(fc.array(step, { minLength: 12, maxLength: 40 }), { minLength: 1, maxLength: 4 });

/** Plays partitions of one group through their steps and gives each moment's observation. */
function play(partitions: readonly (readonly { processed: number; arrived: number; lagSeconds: number }[])[]) {
  let histories: LagHistories = new Map();
  const at = partitions.map(() => ({ position: 0, end: 0 }));
  const length = Math.max(...partitions.map((steps) => steps.length));
  return Array.from({ length }, (_, index) => {
    const measured = partitions.map((steps, partition): MeasuredPartition => {
      const place = at[partition] as { position: number; end: number };
      const { processed, arrived, lagSeconds } = steps[Math.min(index, steps.length - 1)] as (typeof steps)[number];
      place.end += arrived;
      place.position = Math.min(place.end, place.position + processed);
      const lagRecords = place.end - place.position;
      return {
        group: 'g',
        topic: 't',
        partition,
        position: place.position,
        mark: '',
        isKnown: true,
        lagRecords,
        lagSeconds: lagRecords > 0 ? lagSeconds : 0,
      };
    });
    const observed = observeGroups(histories, measured, index * 2000);
    histories = observed.histories;
    return { measured, group: observed.groups[0] };
  });
}

test('a group is as bad as its worst partition, and its lag is the greatest and the sum', () => {
  fc.assert(
    fc.property(lives, (partitions) => {
      const alone = partitions.map((steps) => play([steps]));
      for (const [index, { measured, group }] of play(partitions).entries()) {
        expect(group?.lagSeconds).toBe(Math.max(...measured.map(({ lagSeconds }) => lagSeconds)));
        expect(group?.lagRecords).toBe(measured.reduce((sum, { lagRecords }) => sum + lagRecords, 0));
        const own = alone.map((moments) => moments[Math.min(index, moments.length - 1)]?.group?.state ?? 'OK');
        if (alone.every((moments) => index < moments.length)) {
          expect(severityOf(group?.state ?? 'OK')).toBe(Math.max(...own.map(severityOf)));
        }
      }
    }),
  );
});

test('who has nothing to read is well, and who only goes forward is never rewound', () => {
  fc.assert(
    fc.property(lives, (partitions) => {
      for (const { measured, group } of play(partitions)) {
        expect(group?.state).not.toBe('REWIND');
        if (measured.every(({ lagRecords }) => lagRecords === 0)) {
          expect(group).toMatchObject({ state: 'OK', worstTopic: '', worstPartition: -1, lagSeconds: 0 });
        }
      }
    }),
  );
});

test('the slope of a straight line is its own, and of one moment none', () => {
  fc.assert(
    fc.property(fc.double({ min: -10, max: 10, noNaN: true }), fc.integer({ min: 2, max: 10 }), (perSecond, count) => {
      const samples = Array.from({ length: count }, (_, index) => ({
        atMs: 1000 + index * 2000,
        position: 0,
        mark: '',
        lagRecords: 1,
        lagSeconds: 50 + perSecond * index * 2,
      }));
      expect(lagSlope(samples)).toBeCloseTo(perSecond, 6);
      expect(lagSlope(samples.slice(0, 1))).toBe(0);
    }),
  );
});

test('of equally troubled partitions the one with the greatest lag is named; a place no longer measured is forgotten', () => {
  const partition = (number: number, lagSeconds: number): MeasuredPartition => ({
    group: 'g',
    topic: 't',
    partition: number,
    position: 0,
    mark: '',
    isKnown: true,
    lagRecords: 1,
    lagSeconds,
  });
  const first = observeGroups(new Map(), [partition(0, 4), partition(1, 9), partition(2, 1)], 0);
  expect(first.groups).toEqual([expect.objectContaining({ worstTopic: 't', worstPartition: 1, lagSeconds: 9, lagRecords: 3 })]);
  expect([...observeGroups(first.histories, [partition(1, 2)], 1).histories.keys()]).toEqual(['g/t-1']);
});
