import { expect, test } from '@jest/globals';
import type { Stage, StageHealth } from '@vigil/kafka';
import { systemClock } from '@vigil/core';
import { createHealth } from '../http/create-health.ts';
import { createMetrics } from '../telemetry/create-metrics.ts';
import { createClosers } from './create-closers.ts';
import { createSupervision, partHealthOf } from './supervise-stage.ts';

const running: StageHealth = { state: 'running', assigned: [0, 1], openTasks: 2, partitions: [], lagSeconds: 0, drained: true };

test.each<[string, Partial<StageHealth>, object]>([
  ['all assigned tasks restored', {}, { live: true, ready: true }],
  ['standing by without partitions', { assigned: [], openTasks: 0 }, { live: true, ready: true }],
  ['a task is not restored yet', { openTasks: 1 }, { live: true, ready: false, reason: 'restoring' }],
  ['joining', { state: 'joining' }, { live: true, ready: false, reason: 'joining' }],
  ['a dependency is away', { state: 'waiting' }, { live: true, ready: false, reason: 'waiting' }],
  ['draining', { state: 'draining' }, { live: true, ready: false, reason: 'draining' }],
  ['failed', { state: 'failed' }, { live: false, ready: false, reason: 'failed' }],
  ['stopped', { state: 'stopped' }, { live: false, ready: false, reason: 'stopped' }],
  ['the loop turned just now', { idleMs: 1_000 }, { live: true, ready: true }],
  ['the loop is stuck', { idleMs: 70_000 }, { live: false, ready: false, reason: 'stuck' }],
  ['a long restore', { openTasks: 1, idleMs: 70_000 }, { live: true, ready: false, reason: 'restoring' }],
  ['away while restoring', { openTasks: 1, state: 'waiting' }, { live: true, ready: false, reason: 'waiting' }],
])('health of a stage: %s', (_name, change, expected) => {
  expect(partHealthOf({ ...running, ...change })).toEqual(expected);
});

const supervised = () => {
  const metrics = createMetrics('bed-watcher');
  const health = createHealth();
  const closers = createClosers(systemClock);
  const failures: unknown[] = [];
  const supervise = createSupervision({
    health,
    onClose: closers.onClose,
    fail: (error) => failures.push(error),
    sinks: { write: () => {}, metrics },
    drainMs: 1234,
  });
  return { metrics, health, closers, failures, supervise };
};

const stageOf = (change: Partial<Stage> = {}): Stage => ({
  drain: () => Promise.resolve(true),
  health: () => running,
  finished: new Promise<void>(() => {}),
  ...change,
});

test('a stage’s health is the service’s, and it is drained on close within its time', async () => {
  const drained: unknown[] = [];
  const { health, closers, supervise } = supervised();
  health.started();
  supervise(
    'windowing',
    stageOf({ drain: (options) => Promise.resolve(drained.push(options) > 0), health: () => ({ ...running, state: 'waiting' }) }),
  );

  expect(health.report().parts['windowing']).toEqual({ live: true, ready: false, reason: 'waiting' });
  expect(await closers.closeAll(5000)).toEqual([]);
  expect(drained).toEqual([{ withinMs: 1234 }]);
});

test('a stage that could not be drained in time is told', async () => {
  const { closers, supervise } = supervised();
  supervise('windowing', stageOf({ drain: () => Promise.resolve(false) }));
  expect(await closers.closeAll(5000)).toEqual([{ name: 'windowing', error: expect.objectContaining({ code: 'TIMED_OUT' }) }]);
});

test('the stages of one process are drained side by side, and each answers for itself', async () => {
  const { closers, supervise } = supervised();
  const started: string[] = [];
  const slow = Promise.withResolvers<boolean>();
  const draining = (name: string, done: Promise<boolean>) =>
    stageOf({
      drain() {
        started.push(name);
        return done;
      },
    });
  supervise('intake', draining('intake', Promise.resolve(false)));
  supervise('adjudicate', draining('adjudicate', slow.promise));

  const closed = closers.closeAll(5000);
  await new Promise(setImmediate);
  expect(started).toEqual(['intake', 'adjudicate']);
  slow.resolve(true);
  expect(await closed).toEqual([{ name: 'intake', error: expect.objectContaining({ code: 'TIMED_OUT' }) }]);
});

test('a stage that stops for good ends the service', async () => {
  const { failures, supervise } = supervised();
  const error = new Error('halt');
  supervise('windowing', stageOf({ finished: Promise.reject(error) }));
  await Promise.resolve();
  expect(failures).toEqual([error]);
});

test('what has to be done about a failed stage is done before the service ends', async () => {
  const order: unknown[] = [];
  const closers = createClosers(systemClock);
  const ended = Promise.withResolvers<void>();
  const supervise = createSupervision({
    health: createHealth(),
    onClose: closers.onClose,
    fail: (error) => {
      order.push(error);
      ended.resolve();
    },
    onStageFailed: async (stage) => void order.push(stage),
    sinks: { write: () => {}, metrics: createMetrics('bed-watcher') },
    drainMs: 1,
  });
  const error = new Error('halt');

  supervise('windowing', stageOf({ finished: Promise.reject(error) }));
  await ended.promise;

  expect(order).toEqual(['windowing', error]);
});

test('lag is exposed per partition, and forgotten when the partition is given away', async () => {
  const { metrics, supervise } = supervised();
  const partition = { topic: 'some.topic.v1', partition: 1, position: 5, committed: 5, end: 9, lagRecords: 4, lagSeconds: 1.5 };
  let partitions = [partition, { ...partition, partition: 2 }];
  supervise('first', stageOf({ health: () => ({ ...running, partitions }) }));
  supervise('second', stageOf({ health: () => ({ ...running, openTasks: 1, partitions: [partition] }) }));

  const before = await metrics.expose();
  partitions = [partition];
  const after = await metrics.expose();

  expect(before).toContain('vigil_stage_lag_seconds{stage="first",topic="some.topic.v1",partition="1",service="bed-watcher"} 1.5');
  expect(before).toContain('vigil_stage_lag_records{stage="first",topic="some.topic.v1",partition="2",service="bed-watcher"} 4');
  expect(before).toContain('vigil_stage_open_tasks{stage="second",service="bed-watcher"} 1');
  expect(after).not.toContain('partition="2"');
  expect(after).toContain('vigil_stage_lag_records{stage="second",topic="some.topic.v1",partition="1",service="bed-watcher"} 4');
});
