import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { createMemoryBroker, createMemoryRegistry, systemEngineClock } from '@vigil/kafka';
import { createPool } from '@vigil/postgres';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import { createExecutors } from './create-executors.ts';
import type { TaskExecution } from './executor.ts';
import { createPayloadStore } from './payload-store.ts';
import { readContinuous } from './stages/schedule-of.ts';
import { aRequest } from './worker-rig.fixture.ts';

const textOf = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../../workflows/definitions/${name}.yaml`, import.meta.url)), 'utf8');
const monitoring = 'patient_monitoring_workflow';
const claims = 'claims_processing_workflow';

let database: TestDatabase;
let pool: ReturnType<typeof createPool>;
beforeAll(async () => {
  database = await createTestDatabase('vigil');
  for (const workflow of [monitoring, claims])
    await database.pool.query(
      `INSERT INTO orchestration.definition (workflow, version, sha256, text, plan, deployed_by) VALUES ($1, 1, 's', $2, '{}', 'test')`,
      [workflow, textOf(workflow)],
    );
  pool = createPool({ url: database.url, applicationName: 'worker test', role: 'vigil_worker', maxConnections: 2 });
}, 120_000);
afterAll(async () => {
  await pool.end();
  await database.drop();
});

test('a large value is kept and found again by a worker; one that is not there is named', async () => {
  const payloads = createPayloadStore(pool);
  const id = await payloads.save(randomUUID(), { rows: [1, 2] });

  expect(await payloads.load(id)).toEqual({ rows: [1, 2] });
  const missing = randomUUID();
  await expect(payloads.load(missing)).rejects.toMatchObject({ code: 'PAYLOAD_MISSING', message: expect.stringContaining(missing) });
  await expect(payloads.load('no uuid')).rejects.toMatchObject({ name: 'VigilError' });
  await expect(payloads.save('no uuid', {})).rejects.toMatchObject({ name: 'VigilError' });
});

test('how often a continuous workflow tells its health stands in its deployed definition', async () => {
  const everyMs = readContinuous(pool);

  expect(await everyMs(monitoring, 1)).toBe(30_000);
  expect(await everyMs(monitoring, 1)).toBe(30_000);
  expect(await everyMs(claims, 1)).toBeNull();
  await expect(everyMs(claims, 2)).rejects.toMatchObject({ code: 'BAD_DEFINITION' });
});

test('a stage of a workflow by batches ends with the batch, one of a continuous workflow when it is told to; other tasks are none of these', async () => {
  const broker = createMemoryBroker({ clock: systemEngineClock });
  for (const { name } of [topics.batchProgressed, topics.lagObserved, topics.troubleRaised]) broker.createTopic(name, 1);
  const closers: (() => unknown)[] = [];
  const find = createExecutors({
    client: broker.connect(),
    registry: createMemoryRegistry(),
    database: pool,
    clock: systemEngineClock,
    settings: { stagePatienceMs: 30_000 },
    onTrouble: () => undefined,
    onClose: (_name: string, close: () => unknown) => void closers.push(close),
  } as never);
  const stop = new AbortController();
  const told: unknown[] = [];
  const execute = (workflow: string, spec: object) => {
    const task = { workflow, spec } as never;
    const execution = {
      request: aRequest({ workflow }),
      spec,
      input: {},
      signal: stop.signal,
      progress: (...words: unknown[]) => {
        told.push(words);
        stop.abort(new Error('stopped'));
      },
    } as unknown as TaskExecution;
    return find(task)?.run(execution);
  };

  expect(execute(claims, { type: 'wait', name: 'w', depends_on: [] })).toBeUndefined();
  expect(await execute(claims, { type: 'business_logic', function: 'coverage_calculator' })).toMatchObject({ counts: { consumed: 0 } });
  await expect(execute(monitoring, { type: 'alerting', conditions: [] })).rejects.toThrow('stopped');
  expect(told).toEqual([[expect.objectContaining({ consumed: 0 }), undefined]]);
  for (const close of closers) await close();
}, 20_000);
