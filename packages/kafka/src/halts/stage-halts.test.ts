import { expect, test } from '@jest/globals';
import { compileReader, topics, wireHeaderBytes, type TroubleRaised } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import { readWhole } from '../engine/read-whole.ts';
import { createMemoryBroker } from '../memory/memory-broker.ts';
import { createMemoryRegistry } from '../registry/memory-registry.ts';
import { haltStage, readHalts, resumeStage } from './stage-halts.ts';

const worldWith = (...names: readonly string[]) => {
  const broker = createMemoryBroker({ clock: { now: () => 1 } });
  for (const name of names) broker.createTopic(name, 1, {});
  return { client: broker.connect(), registry: createMemoryRegistry() };
};
const fleetWorld = () => worldWith(topics.stageHalted.name, topics.troubleRaised.name);

async function troublesIn({ client }: ReturnType<typeof fleetWorld>): Promise<Partial<TroubleRaised>[]> {
  const found: TroubleRaised[] = [];
  const read = compileReader(topics.troubleRaised.schema);
  await readWhole({
    client,
    places: [{ topic: topics.troubleRaised.name, partition: 0 }],
    pollMs: 10,
    onRecord: (_, { value }) => found.push(read(value as Buffer, wireHeaderBytes) as TroubleRaised),
  });
  return found.map(({ troubleId, change, kind, stage, code, clearedAt }) => ({ troubleId, change, kind, stage, code, clearedAt }));
}

test('a stage stays halted until somebody resumes it, and engineering is told both', async () => {
  const world = fleetWorld();
  expect((await readHalts(world)).size).toBe(0);

  await haltStage(world, { stage: 'device-ingest', code: 'QUARANTINE_LIMIT', by: 'device-ingest', nowMs: 5 });
  await haltStage(world, { stage: 'device-ingest', code: 'QUARANTINE_LIMIT', by: 'another instance', nowMs: 6 });
  await haltStage(world, { stage: 'deidentifier', code: 'QUARANTINE_LIMIT', by: 'deidentifier', nowMs: 7 });
  expect([...(await readHalts(world)).values()]).toMatchObject([{ stage: 'device-ingest', changedAt: 5 }, { stage: 'deidentifier' }]);
  const resumed = await resumeStage(world, { stage: 'device-ingest', by: 'alice', reason: 'fixed', nowMs: 8 });

  expect(resumed).toMatchObject({ code: 'QUARANTINE_LIMIT', changedBy: 'device-ingest' });
  expect([...(await readHalts(world)).keys()]).toEqual(['deidentifier']);
  const trouble = { troubleId: 'stage-halted/device-ingest/5', kind: 'stage-halted', stage: 'device-ingest', code: 'QUARANTINE_LIMIT' };
  expect(await troublesIn(world)).toEqual([
    { ...trouble, change: 'raised', clearedAt: null },
    { ...trouble, change: 'raised', clearedAt: null },
    expect.objectContaining({ change: 'raised', stage: 'deidentifier' }),
    { ...trouble, change: 'cleared', clearedAt: 8 },
  ]);
});

test('instances that halt a stage at once raise one trouble, and resuming clears it', async () => {
  const world = fleetWorld();
  const halt = (by: string, nowMs: number) => haltStage(world, { stage: 'device-ingest', code: 'QUARANTINE_LIMIT', by, nowMs });
  await Promise.all([halt('one', 5), halt('two', 6), halt('three', 7)]);
  await resumeStage(world, { stage: 'device-ingest', by: 'alice', reason: 'fixed', nowMs: 8 });

  const troubles = await troublesIn(world);
  expect(new Set(troubles.map(({ troubleId }) => troubleId)).size).toBe(1);
  expect(troubles.at(-1)).toMatchObject({ change: 'cleared' });
  expect((await readHalts(world)).size).toBe(0);
});

test('a halt whose trouble could not be told is told by the next that meets it', async () => {
  const world = fleetWorld();
  const halt = (client: typeof world.client) =>
    haltStage({ ...world, client }, { stage: 'device-ingest', code: 'QUARANTINE_LIMIT', by: 'one', nowMs: 5 });
  const openIdempotentProducer: typeof world.client.openIdempotentProducer = async () => {
    const producer = await world.client.openIdempotentProducer();
    const send: typeof producer.send = async (records) => {
      if (records.some(({ topic }) => topic === topics.troubleRaised.name)) throw new VigilError('KAFKA_AWAY');
      return producer.send(records);
    };
    return { ...producer, send };
  };
  await expect(halt({ ...world.client, openIdempotentProducer })).rejects.toMatchObject({ code: 'KAFKA_AWAY' });
  await halt(world.client);

  expect(await troublesIn(world)).toMatchObject([{ change: 'raised', troubleId: 'stage-halted/device-ingest/5' }]);
});

test('what is not halted cannot be resumed', async () => {
  const world = fleetWorld();
  const resumption = { stage: 'deidentifier', by: 'alice', reason: 'x', nowMs: 1 };
  await expect(resumeStage(world, resumption)).rejects.toThrow('halted are: none');
  await haltStage(world, { stage: 'device-ingest', code: 'QUARANTINE_LIMIT', by: 'device-ingest', nowMs: 5 });
  await expect(resumeStage(world, resumption)).rejects.toThrow('halted are: device-ingest');
});

test('without the topic nothing is halted, and nothing can be', async () => {
  const world = worldWith();
  expect((await readHalts(world)).size).toBe(0);
  await expect(haltStage(world, { stage: 's', code: 'QUARANTINE_LIMIT', by: 's', nowMs: 1 })).rejects.toMatchObject({
    code: 'TOPIC_MISSING',
  });
});
