import {
  databaseSettings,
  defineSettings,
  integer,
  keySettings,
  milliseconds,
  path,
  redisSettings,
  serviceSettings,
  setting,
  text,
  warehouseSettings,
} from '@vigil/runtime';

const service = 'warehouse-loader';

/** When a file is closed; each setting is that of one target. */
const rollSettings = {
  rollMs: setting({
    env: 'VIGIL_LOADER_ROLL_MS',
    schema: milliseconds({ min: 100, max: 3_600_000 }).default(15_000),
    doc: 'targets lake and archive: longest time that a record waits before its file is closed.',
  }),
  rollIdleMs: setting({
    env: 'VIGIL_LOADER_ROLL_IDLE_MS',
    schema: milliseconds({ min: 10, max: 3_600_000 }).default(2_000),
    doc: 'targets lake and archive: a file is closed when nothing new came for this long.',
  }),
  rollRecords: setting({
    env: 'VIGIL_LOADER_ROLL_RECORDS',
    schema: integer({ min: 1, max: 5_000_000 }).default(100_000),
    doc: 'targets lake and archive: records after which a file is closed.',
  }),
  rollBytes: setting({
    env: 'VIGIL_LOADER_ROLL_BYTES',
    schema: integer({ min: 1024, max: 1_073_741_824 }).default(33_554_432),
    doc: 'targets lake and archive: bytes of records after which a file is closed.',
  }),
} as const;

const lakeDirectory = {
  lakeDir: setting({ env: 'VIGIL_LAKE_DIR', schema: path(), doc: 'target lake: directory of the Parquet files.' }),
  datasetVersion: setting({
    env: 'VIGIL_LAKE_DATASET_VERSION',
    schema: text({ max: 32 })
      .regex(/^[a-z0-9-]+$/, 'holds other than small letters, digits and hyphens')
      .default('v1'),
    doc: 'target lake: version of the dataset, part of every path; change it with the dataset key.',
  }),
} as const;

const archiveDirectory = {
  archiveDir: setting({ env: 'VIGIL_ARCHIVE_DIR', schema: path(), doc: 'target archive: directory of the sealed segments.' }),
} as const;

export const warehouseTarget = defineSettings(service, { ...serviceSettings, ...warehouseSettings });
export const operationalTarget = defineSettings(service, { ...serviceSettings, ...databaseSettings, ...redisSettings, ...keySettings });
export const lakeTarget = defineSettings(service, { ...serviceSettings, ...warehouseSettings, ...rollSettings, ...lakeDirectory });
export const archiveTarget = defineSettings(service, {
  ...serviceSettings,
  ...databaseSettings,
  ...keySettings,
  ...rollSettings,
  ...archiveDirectory,
});

/** Settings of all targets, for the reference; a running target reads only its own. */
export const settings = defineSettings(service, {
  ...warehouseTarget.shape,
  ...operationalTarget.shape,
  ...lakeTarget.shape,
  ...archiveTarget.shape,
});
