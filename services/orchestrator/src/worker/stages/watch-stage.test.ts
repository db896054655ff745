import { expect, test } from '@jest/globals';
import { emptyTotals, type LagObserved, type TroubleRaised } from '@vigil/contracts';
import { createVirtualClock } from '@vigil/kafka';
import { healthOf } from './stage-health.ts';
import { watchStage } from './watch-stage.ts';

const step = { stage: 'vitals-windowing', topic: 'vitals.reading.accepted.v1' };
const observed = (state: string, observedAt = 1000): LagObserved => ({ group: step.stage, state, observedAt }) as LagObserved;
const trouble = (kind: string): TroubleRaised => ({ kind, stage: step.stage }) as TroubleRaised;
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('the health of a stage follows from its observed lag, and from troubles that nobody cleared', () => {
  expect(['OK', 'WARN', 'STALL', 'STOP', 'REWIND'].map((state) => healthOf(observed(state), [], 1000))).toEqual([
    'ok',
    'behind',
    'stalled',
    'stopped',
    'behind',
  ]);
  expect(healthOf(observed('OK'), [trouble('ledger-imbalance')], 1000)).toBe('imbalance');
  expect(healthOf(observed('OK'), [trouble('stage-halted')], 1000)).toBe('stopped');
  expect(healthOf(observed('OK'), [trouble('group-stalled')], 1000)).toBe('ok');
});

test('without a fresh observation nobody knows', () => {
  expect(healthOf(undefined, [], 1000)).toBeUndefined();
  expect(healthOf(observed('OK', 1000), [], 11_001)).toBeUndefined();
});

test('a stage of a continuous workflow tells counts since its attempt began at every interval, and ends only when it is told to', async () => {
  const clock = createVirtualClock(0);
  const stop = new AbortController();
  const told: unknown[] = [];
  const total = { ...emptyTotals(step.stage, step.topic), consumed: 5, processed: 5 };
  const watching = watchStage({ signal: stop.signal, progress: (...words) => void told.push(words) }, step, {
    ledger: { totals: () => [total] },
    watch: { healthOf: () => 'ok', caughtUp: Promise.resolve() },
    clock,
    intervalMs: 30_000,
  });
  await breathe();
  Object.assign(total, { consumed: 12, processed: 9, late: 3 });
  clock.advance(30_000);
  await breathe();
  const counts = { consumed: 0, processed: 0, late: 0, duplicate: 0, rejected: 0, suppressed: 0 };
  stop.abort(new Error('cancelled'));

  await expect(watching).rejects.toThrow('cancelled');
  expect(told).toEqual([
    [counts, 'ok'],
    [{ ...counts, consumed: 7, processed: 4, late: 3 }, 'ok'],
  ]);
});
