import { expect, test } from '@jest/globals';
import { openTroubles, troublesToTell } from './ledger-troubles.ts';

const imbalance = { stage: 'vitals-windowing', topic: 'vitals.reading.accepted.v1', unaccounted: 3, sinceMs: 1000 };
const name = `${imbalance.stage}|${imbalance.topic}`;
const none = { imbalances: [], balanced: new Set<string>() };

test('an imbalance is told once while it lasts, and its end once', () => {
  const raised = troublesToTell(new Map(), { ...none, imbalances: [imbalance] }, 31_000);
  expect(raised).toMatchObject([{ change: 'raised', kind: 'ledger-imbalance', counts: { unaccounted: 3 }, detectedAt: 31_000, clearedAt: null }]); // prettier-ignore

  const open = openTroubles(raised);
  expect(troublesToTell(open, { ...none, imbalances: [{ ...imbalance, unaccounted: 5 }] }, 36_000)).toEqual([]);
  expect(troublesToTell(open, none, 41_000)).toEqual([]);
  const cleared = troublesToTell(open, { ...none, balanced: new Set([name]) }, 46_000);
  expect(cleared).toEqual([{ ...raised[0], change: 'cleared', clearedAt: 46_000 }]);
  expect(openTroubles([...raised, ...cleared]).size).toBe(0);
});

test('the next imbalance at the same place is another trouble', () => {
  const [first] = troublesToTell(new Map(), { ...none, imbalances: [imbalance] }, 31_000);
  const [second] = troublesToTell(new Map(), { ...none, imbalances: [{ ...imbalance, sinceMs: 99_000 }] }, 130_000);

  expect(second?.troubleId).not.toBe(first?.troubleId);
});

test('troubles of others are left alone', () => {
  const [raised] = troublesToTell(new Map(), { ...none, imbalances: [imbalance] }, 31_000);
  if (!raised) throw new Error('nothing was raised');

  expect(openTroubles([{ ...raised, kind: 'stage-halted' }]).size).toBe(0);
  expect(openTroubles([raised, { ...raised, troubleId: 'another', change: 'cleared' }]).size).toBe(1);
});
