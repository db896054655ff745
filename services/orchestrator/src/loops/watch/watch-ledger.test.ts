import { expect, test } from '@jest/globals';
import type { TroubleRaised } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import { emptyTotals } from '@vigil/contracts';
import { createVirtualClock, type LedgerReader } from '@vigil/kafka';
import { watchLedger, type LedgerWatchOptions } from './watch-ledger.ts';

const received = 'vitals.reading.received.v1';
const accepted = 'vitals.reading.accepted.v1';
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function rig(changes: Partial<LedgerWatchOptions> = {}) {
  const clock = createVirtualClock(0);
  const world = { consumed: 9, isActive: true, isWhole: true, opened: 0, closed: 0 };
  const log: TroubleRaised[] = [];
  const told: string[] = [];
  const fatal: unknown[] = [];
  const openLedger = async (): Promise<LedgerReader> => {
    world.opened++;
    return {
      catchUp: async () => [
        { ...emptyTotals('device-ingest', received), consumed: 10, processed: 10, outputs: { [accepted]: 10 } },
        { ...emptyTotals('vitals-windowing', accepted), consumed: world.consumed, processed: world.consumed },
      ],
      unreadable: () => 0,
      isWhole: () => world.isWhole,
      close: async () => void world.closed++,
    };
  };
  const events = new Proxy({}, { get: (_target, event: string) => () => void told.push(event) }) as LedgerWatchOptions['events'];
  const watch = watchLedger({
    openLedger,
    readOffsets: async () => [],
    positions: async () => [{ group: 'vitals-windowing', topic: accepted, partition: 0, position: 10, end: 10 }],
    told: async () => log,
    tell: async (troubles) => void log.push(...troubles),
    isActive: () => world.isActive,
    clock,
    everyMs: 5000,
    patienceMs: 30_000,
    events,
    forgetFigures: () => void told.push('forgotten'),
    onFatal: (error) => void fatal.push(error),
    ...changes,
  });
  const pass = async (seconds: number): Promise<void> => {
    await settle();
    for (let at = 0; at < seconds; at += 5) {
      clock.advance(5000);
      await settle();
    }
  };
  return { world, log, told, fatal, watch, pass };
}

test('an imbalance is told within a minute, once, and its end too', async () => {
  const { world, log, told, watch, pass } = rig();

  await pass(60);
  expect(log).toMatchObject([{ change: 'raised', stage: 'vitals-windowing', topic: accepted }]);
  await pass(60);
  expect(log).toHaveLength(1);
  world.consumed = 10;
  await pass(30);
  expect(log.map(({ change }) => change)).toEqual(['raised', 'cleared']);
  expect(told).toEqual(expect.arrayContaining(['ledgerTroubled', 'ledgerRecovered', 'ledgerReconciled']));
  await watch.stop();
  expect(world).toMatchObject({ opened: 1, closed: 1 });
});

test('an instance that takes over goes on with the trouble that was told, and one that stands by tells nothing', async () => {
  const { world, log, watch, pass } = rig();
  await pass(60);
  world.isActive = false;
  await pass(60);
  world.isActive = true;
  await pass(60);

  expect(log).toHaveLength(1);
  expect(world).toMatchObject({ opened: 2, closed: 1 });
  await watch.stop();
});

test('what another instance told while this one was paused is not told again, and its end clears both', async () => {
  const { world, log, told, watch, pass } = rig();
  await pass(20);
  const theirs = { troubleId: 'theirs', change: 'raised', kind: 'ledger-imbalance', severity: 'critical', stage: 'vitals-windowing', topic: accepted, partition: null, offset: null, code: '', counts: {}, detectedAt: 1, clearedAt: null }; // prettier-ignore
  log.push(theirs, { ...theirs, troubleId: 'theirs, too' });
  await pass(60);
  expect(log).toHaveLength(2);
  expect(told).not.toContain('ledgerTroubled');

  world.consumed = 10;
  await pass(30);
  expect(log.slice(2).map(({ change, troubleId }) => [change, troubleId])).toEqual([
    ['cleared', 'theirs'],
    ['cleared', 'theirs, too'],
  ]);
  world.isActive = false;
  await pass(10);
  expect(told.at(-1)).toBe('forgotten');
  await watch.stop();
});

test('a ledger that is not whole is judged by what happens from now on', async () => {
  const { world, log, watch, pass } = rig();
  world.isWhole = false;
  await pass(120);
  expect(log).toEqual([]);
  world.consumed = 8;
  await pass(60);
  expect(log).toMatchObject([{ counts: { unaccounted: 1 } }]);
  await watch.stop();
});

test('a broker that is away is waited for; a fault of our own ends the watch', async () => {
  let failure: Error = new VigilError('KAFKA_AWAY');
  const positions = async (): Promise<never> => {
    throw failure;
  };
  const { told, fatal, watch, pass } = rig({ positions });
  await pass(10);
  expect(told).toContain('ledgerNotReconciled');
  expect(fatal).toEqual([]);
  failure = new TypeError('ours');
  await pass(10);
  expect(fatal).toEqual([failure]);
  await watch.stop();
});
