import { expect, test } from '@jest/globals';
import type { TroubleRaised } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import { createVirtualClock } from '@vigil/kafka';
import { bindEvents, createMetrics, resetGauges } from '@vigil/runtime';
import type { GroupObservation, MeasuredPartition } from '../../domain/watch/observe-groups.ts';
import { events } from '../../events.ts';
import { watchGroups } from './watch-groups.ts';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function aWatch() {
  const clock = createVirtualClock(0);
  const metrics = createMetrics('orchestrator');
  const lines: string[] = [];
  const published: GroupObservation[] = [];
  const failures: unknown[] = [];
  const troubles: TroubleRaised[] = [];
  const world = { active: true, end: 0, position: 0, error: null as unknown, isKnown: true, halted: new Set<string>() };
  const measure = async (): Promise<MeasuredPartition[]> => {
    if (world.error !== null) throw world.error;
    const lagRecords = world.end - world.position;
    const lagSeconds = lagRecords > 0 ? 30 : 0;
    return [
      {
        group: 'device-ingest',
        topic: 'vitals.reading.received.v1',
        partition: 0,
        position: world.position,
        mark: '',
        isKnown: world.isKnown,
        lagRecords,
        lagSeconds,
      },
    ];
  };
  const watch = watchGroups({
    measure,
    publish: async (groups) => void published.push(...groups),
    told: async () => troubles,
    tell: async (told) => void troubles.push(...told),
    halted: async () => world.halted,
    forgetFigures: () => resetGauges(events.declared.groupObserved, metrics),
    isActive: () => world.active,
    clock,
    everyMs: 1000,
    events: bindEvents(events, { metrics, write: (_level, message) => void lines.push(message) }),
    onFatal: (error) => void failures.push(error),
  });
  const pass = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second++) {
      await settled();
      clock.advance(1000);
    }
    await settled();
  };
  return { world, watch, metrics, lines, published, failures, troubles, pass };
}

test('a group that stops is published, measured and logged once, and so is its recovery', async () => {
  const { world, watch, metrics, lines, published, pass } = aWatch();
  world.end = 100;
  await pass(15);
  expect(published.at(-1)).toMatchObject({ group: 'device-ingest', state: 'STOP', lagRecords: 100, lagSeconds: 30, worstPartition: 0 });
  expect(lines).toEqual(['a group is in trouble: see docs/runbooks/group-is-behind.md']);
  expect(await metrics.expose()).toMatch(/vigil_group_lag_state\{group="device-ingest",service="orchestrator"\} 3/);

  world.position = 100;
  await pass(2);
  expect(published.at(-1)).toMatchObject({ state: 'OK', worstPartition: -1 });
  expect(lines.at(-1)).toBe('a group is well again');
  await watch.stop();
});

test('who stands by publishes nothing and begins with a fresh window', async () => {
  const { world, watch, metrics, published, pass } = aWatch();
  world.end = 100;
  await pass(9);
  const before = published.length;
  expect(await metrics.expose()).toMatch(/vigil_group_lag_seconds\{/);
  world.active = false;
  await pass(20);
  expect(await metrics.expose()).not.toMatch(/vigil_group_lag_seconds\{/);
  expect(published).toHaveLength(before);
  expect(watch.lastTurnMs()).toBeGreaterThan(20_000);
  world.active = true;
  await pass(5);
  expect(published.at(-1)).toMatchObject({ state: 'OK', lagSeconds: 30 });
  await watch.stop();
});

test('a dependency that is away is counted and tried again; a fault of our own ends the watch', async () => {
  const { world, watch, lines, failures, published, pass } = aWatch();
  world.error = new VigilError('DATABASE_AWAY');
  await pass(3);
  expect(lines).toContain('the lag could not be observed');
  world.error = null;
  await pass(2);
  const before = published.length;
  expect(before).toBeGreaterThan(0);
  world.error = new Error('bug');
  await pass(5);
  expect(failures).toEqual([world.error]);
  expect(published).toHaveLength(before);
  await watch.stop();
});

test('stopped in the middle of a look no other is planned', async () => {
  const { watch, published, pass } = aWatch();
  await watch.stop();
  await pass(3);

  expect(published).toHaveLength(1);
});

test('a group that stopped for a while pages engineering once, over a takeover too, and its end is told once', async () => {
  const { world, watch, troubles, pass } = aWatch();
  world.end = 100;
  await pass(35);
  expect(troubles).toEqual([]);
  await pass(60);
  expect(troubles).toMatchObject([
    { change: 'raised', kind: 'group-stopped', stage: 'device-ingest', topic: 'vitals.reading.received.v1', partition: 0, clearedAt: null },
  ]);

  world.active = false;
  await pass(30);
  world.active = true;
  await pass(90);
  expect(troubles).toHaveLength(1);

  world.position = 100;
  await pass(60);
  expect(troubles.map(({ change, troubleId }) => [change, troubleId === troubles[0]?.troubleId])).toEqual([
    ['raised', true],
    ['cleared', true],
  ]);
  await watch.stop();
});

test('a group that never told a position pages nobody, and neither does one that has nothing to read', async () => {
  const { world, watch, troubles, published, pass } = aWatch();
  world.end = 100;
  world.isKnown = false;
  await pass(120);
  expect(published.at(-1)).toMatchObject({ state: 'STOP' });
  world.isKnown = true;
  world.position = 100;
  await pass(120);

  expect(troubles).toEqual([]);
  await watch.stop();
});

test('a halted stage is one trouble, its halt; resumed and still standing it is one of its group', async () => {
  const { world, watch, troubles, pass } = aWatch();
  world.end = 100;
  world.halted.add('device-ingest');
  await pass(200);
  expect(troubles).toEqual([]);
  world.halted.clear();
  await pass(28);
  expect(troubles).toEqual([]);
  await pass(10);

  expect(troubles).toMatchObject([{ change: 'raised', kind: 'group-stopped' }]);
  await watch.stop();
});

test('what another instance told while this one was paused is not told again', async () => {
  const { world, watch, troubles, pass } = aWatch();
  world.end = 100;
  await pass(20);
  const theirs: TroubleRaised = { troubleId: 'theirs', change: 'raised', kind: 'group-stopped', severity: 'critical', stage: 'device-ingest', topic: '', partition: null, offset: null, code: '', counts: {}, detectedAt: 1, clearedAt: null }; // prettier-ignore
  troubles.push(theirs);
  await pass(120);

  expect(troubles).toEqual([theirs]);
  await watch.stop();
});
