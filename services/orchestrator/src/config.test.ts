import { expect, test } from '@jest/globals';
import { settings } from './index.ts';
import { loadPools } from './load-pools.ts';

const enough = {
  VIGIL_KAFKA_BROKERS: '127.0.0.1:9092',
  VIGIL_SCHEMA_REGISTRY_URL: 'http://127.0.0.1:8081',
  VIGIL_DATABASE_URL: 'postgres://127.0.0.1/vigil',
  VIGIL_WAREHOUSE_URL: 'postgres://127.0.0.1/vigil_warehouse',
};

test('an API without a key is refused', () => {
  expect(() => settings.parse({ ...enough, VIGIL_ORCHESTRATOR_API_PORT: '0' })).toThrow('VIGIL_ORCHESTRATOR_API_KEY_FILE');
});

test('what is not set has a default, and a window too short to judge by is refused', () => {
  expect(settings.parse(enough)).toMatchObject({ lagEveryMs: 2000 });
  expect(() => settings.parse({ ...enough, VIGIL_LAG_EVERY_MS: '10' })).toThrow('VIGIL_LAG_EVERY_MS');
});

test('pools have the sizes of pools.yaml; where there is none the orchestrator does not start', () => {
  expect(loadPools(undefined)).toContainEqual({ pool: 'default', slots: 32, cpu: 8, memoryMiB: 8192, io: 16 });
  expect(() => loadPools('/nowhere')).toThrow('pools.yaml');
});
