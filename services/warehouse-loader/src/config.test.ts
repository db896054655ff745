import { expect, test } from '@jest/globals';
import { archiveTarget, lakeTarget, operationalTarget, settings, warehouseTarget } from './config.ts';

const kafka = { VIGIL_KAFKA_BROKERS: '127.0.0.1:9092', VIGIL_SCHEMA_REGISTRY_URL: 'http://127.0.0.1:8081' };

test('a target needs its own settings and no others', () => {
  expect(warehouseTarget.parse({ ...kafka, VIGIL_WAREHOUSE_URL: 'postgres://h/w' })).toMatchObject({ warehouseUrl: 'postgres://h/w' });
  expect(lakeTarget.parse({ ...kafka, VIGIL_WAREHOUSE_URL: 'postgres://h/w', VIGIL_LAKE_DIR: '/lake' })).toMatchObject({
    datasetVersion: 'v1',
    rollMs: 15_000,
  });
  expect(operationalTarget.parse({ ...kafka, VIGIL_DATABASE_URL: 'postgres://h/v', VIGIL_KEYS_FILE: '/k' }).redisUrl).toBeUndefined();
  expect(Object.keys(lakeTarget.shape)).not.toContain('keysFile');
  expect(Object.keys(warehouseTarget.shape)).not.toContain('databaseUrl');
});

test('every problem is told at once', () => {
  expect(() => archiveTarget.parse({ ...kafka, VIGIL_LOADER_ROLL_MS: 'soon' })).toThrow(
    expect.objectContaining({
      code: 'BAD_SETTINGS',
      problems: expect.arrayContaining(
        ['VIGIL_DATABASE_URL', 'VIGIL_KEYS_FILE', 'VIGIL_ARCHIVE_DIR', 'VIGIL_LOADER_ROLL_MS'].map((env) =>
          expect.objectContaining({ env }),
        ),
      ),
    }),
  );
  expect(() =>
    lakeTarget.parse({ ...kafka, VIGIL_WAREHOUSE_URL: 'postgres://h/w', VIGIL_LAKE_DIR: '/l', VIGIL_LAKE_DATASET_VERSION: '../up' }),
  ).toThrow('VIGIL_LAKE_DATASET_VERSION');
});

test('the reference lists the settings of all targets', () => {
  expect(Object.keys(settings.shape)).toEqual(expect.arrayContaining(['lakeDir', 'archiveDir', 'databaseUrl', 'warehouseUrl', 'redisUrl']));
});
