import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { createMemoryBroker, createMemoryRegistry, silentObserver, systemEngineClock, type Stage } from '@vigil/kafka';
import { loadKeys, type ServiceContext, type ServiceDefinition, type SettingsOf, type serviceSettings } from '@vigil/runtime';
import { startStack } from '@vigil/stack';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import { targetNames } from '../domain/parse-target.ts';
import { archiveSpec } from './archive/create-archive-sink.ts';
import { lakeSpec } from './lake/create-lake-sink.ts';
import { operationalSpec } from './operational/create-operational-sink.ts';
import { startTarget, type Run } from './start-target.ts';
import { warehouseSpec } from './warehouse/create-warehouse-sink.ts';

const specs = { warehouse: warehouseSpec, operational: operationalSpec, lake: lakeSpec, archive: archiveSpec };

let vigil: TestDatabase;
let warehouse: TestDatabase;
let directory: string;
let env: Record<string, string>;

beforeAll(async () => {
  const stack = await startStack();
  [vigil, warehouse] = [await createTestDatabase('vigil'), await createTestDatabase('vigil_warehouse')];
  directory = await mkdtemp(join(tmpdir(), 'vigil-target-'));
  const keysFile = join(directory, 'keys.json');
  const key = (id: string, byte: number) => ({ id, secret: Buffer.alloc(32, byte).toString('base64') });
  await writeFile(keysFile, JSON.stringify({ token: key('t', 1), dataset: key('d', 2), data: key('k', 3) }), { mode: 0o600 });
  env = {
    VIGIL_KAFKA_BROKERS: '127.0.0.1:9',
    VIGIL_SCHEMA_REGISTRY_URL: 'http://127.0.0.1:9',
    VIGIL_DATABASE_URL: vigil.url,
    VIGIL_WAREHOUSE_URL: warehouse.url,
    VIGIL_REDIS_URL: stack.env.redisUrl,
    VIGIL_KEYS_FILE: keysFile,
    VIGIL_LAKE_DIR: join(directory, 'lake'),
    VIGIL_ARCHIVE_DIR: join(directory, 'archive'),
  };
});

afterAll(async () => {
  await vigil?.drop();
  await warehouse?.drop();
  await rm(directory, { recursive: true });
});

/** Runs a service without its process: a broker in memory, the real database; stops it once it is drained. */
const runInTest =
  (target: keyof typeof specs, names: string[], surroundings = env): Run =>
  async (definition, start) => {
    const { name, settings } = definition as unknown as ServiceDefinition<typeof serviceSettings, Record<never, never>>;
    names.push(name);
    const broker = createMemoryBroker({ clock: systemEngineClock });
    for (const { topic } of specs[target].sources) broker.createTopic(topic.name, 1);
    broker.createTopic(topics.batchProgressed.name, 1);
    const closers: (() => unknown)[] = [];
    const stages: Stage[] = [];
    const parsed = settings.parse(surroundings) as SettingsOf<typeof serviceSettings> & { keysFile?: string };
    const context = {
      settings: parsed,
      client: broker.connect(),
      registry: createMemoryRegistry(),
      observer: silentObserver,
      engine: { pollMs: 10 },
      keys: parsed.keysFile === undefined ? null : loadKeys(parsed.keysFile),
      events: { cacheFailed: () => undefined },
      supervise: (stage: string, running: Stage) => {
        names.push(stage);
        stages.push(running);
      },
      onClose: (_: string, close: () => unknown) => void closers.push(close),
    };
    await start(context as unknown as ServiceContext<never, never>);
    for (const stage of stages) {
      while (!stage.health().drained) await new Promise((resolve) => void setTimeout(resolve, 5));
      await stage.drain({ withinMs: 5_000 });
    }
    for (const close of closers.reverse()) await close();
  };

test('the operational target does without Redis', async () => {
  const { VIGIL_REDIS_URL: _, ...without } = env;
  const names: string[] = [];
  await startTarget('operational', runInTest('operational', names, without));
  expect(names).toHaveLength(2);
});

test.each(targetNames)('the target %s starts with its own settings, takes its partitions over and ends in order', async (target) => {
  const names: string[] = [];
  await startTarget(target, runInTest(target, names));

  expect(names).toEqual([`warehouse-loader.${target}`, `warehouse-loader.${target}`]);
  const { pool } = target === 'warehouse' || target === 'lake' ? warehouse : vigil;
  const { rows } = await pool.query<{ topic: string }>('SELECT topic FROM engine.sink_offset WHERE sink = $1 ORDER BY topic', [
    specs[target].name,
  ]);
  expect(rows.map(({ topic }) => topic)).toEqual(specs[target].sources.map(({ topic }) => topic.name).sort());
});
