import { expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { VigilError, systemClock } from '@vigil/core';
import { createMemoryBroker, createMemoryRegistry, readHalts, resumeStage, type HaltWorld, type JoinOptions } from '@vigil/kafka';
import { createHealth } from '../http/create-health.ts';
import { createLog } from '../telemetry/create-log.ts';
import { holdHalted } from './hold-halted.ts';

const stage = 'bed-watcher';
const source = 'some.topic.v1';

const worldWith = (...names: readonly string[]): HaltWorld => {
  const broker = createMemoryBroker({ clock: systemClock });
  for (const name of [source, ...names]) broker.createTopic(name, 1, {});
  return { client: broker.connect(), registry: createMemoryRegistry() };
};
const fleetWorld = () => worldWith(topics.stageHalted.name, topics.troubleRaised.name);

const holding = (world: HaltWorld) => {
  const lines: string[] = [];
  const health = createHealth();
  health.started();
  const { log } = createLog({ service: stage, level: 'info', destination: { write: (line) => void lines.push(line) } });
  return { lines, health, ...holdHalted(world, { service: stage, clock: systemClock, health, log, askEveryMs: 5 }) };
};

const joining = (): JoinOptions => ({
  group: stage,
  topics: [source],
  sessionTimeoutMs: 6000,
  listener: { onAssigned: () => undefined, onLost: () => undefined, onFatal: () => undefined },
});

const limit = new VigilError('QUARANTINE_LIMIT');

test('a stage that is not halted joins at once', async () => {
  const { client, health } = holding(fleetWorld());

  const member = await client.join(joining());
  await member.leave();

  expect(health.report()).toMatchObject({ ready: true });
});

test('a stage that met its limits stays out of its group over restarts, alive and not ready, until it is resumed', async () => {
  const world = fleetWorld();
  await holding(world).onStageFailed(stage, limit);
  const restarted = holding(world);

  let joined = false;
  const member = restarted.client.join(joining()).then((result) => {
    joined = true;
    return result;
  });
  while (restarted.lines.length === 0) await new Promise((resolve) => void setImmediate(resolve));
  expect(restarted.health.report()).toMatchObject({ live: true, ready: false, parts: { 'bed-watcher limits': { reason: 'halted' } } });
  expect(joined).toBe(false);
  await resumeStage(world, { stage, by: 'alice', reason: 'fixed', nowMs: 9 });
  await (await member).leave();

  expect(restarted.health.report()).toMatchObject({ live: true, ready: true });
  expect(restarted.lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
    'the stage is halted until it is resumed: vigil resume',
    'the stage was resumed',
  ]);
});

test('any other failure halts nothing', async () => {
  const world = fleetWorld();
  const { onStageFailed } = holding(world);

  await onStageFailed(stage, new VigilError('KAFKA_AWAY'));
  await onStageFailed(stage, new Error('bug'));

  expect((await readHalts(world)).size).toBe(0);
});

test('a halt that cannot be recorded is told', async () => {
  const { onStageFailed, lines } = holding(worldWith());

  await onStageFailed(stage, limit);

  expect(lines.join('')).toContain('the halt could not be recorded');
  expect(lines.join('')).toContain('TOPIC_MISSING');
});
