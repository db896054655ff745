import { addresses, decimal, flag, integer, milliseconds, oneOf, path, port, runEnds, runName, text, url } from './formats.ts';
import { setting } from './setting.ts';

/** The broker. */
export const kafkaSettings = {
  kafkaBrokers: setting({
    env: 'VIGIL_KAFKA_BROKERS',
    schema: addresses(),
    doc: 'addresses of the Kafka brokers, for example 127.0.0.1:9092.',
  }),
  memberDirectory: setting({
    env: 'VIGIL_MEMBER_DIR',
    schema: path().optional(),
    doc: 'folder of this one instance that outlives a crash (in Kubernetes an emptyDir): its successor takes over at once; without it, after the session timeout.',
  }),
} as const;

/** The schema registry. */
const registrySettings = {
  schemaRegistryUrl: setting({
    env: 'VIGIL_SCHEMA_REGISTRY_URL',
    schema: url('http', 'https'),
    doc: 'base URL of the schema registry’s Confluent-compatible API.',
  }),
} as const;

/** The operational database `vigil`. */
export const databaseSettings = {
  databaseUrl: setting({
    env: 'VIGIL_DATABASE_URL',
    schema: url('postgres', 'postgresql'),
    doc: 'connection URL of the operational database (vigil), as this service’s role.',
    secret: true,
  }),
} as const;

/** The warehouse database `vigil_warehouse`. */
export const warehouseSettings = {
  warehouseUrl: setting({
    env: 'VIGIL_WAREHOUSE_URL',
    schema: url('postgres', 'postgresql'),
    doc: 'connection URL of the warehouse database (vigil_warehouse), as this service’s role.',
    secret: true,
  }),
} as const;

/** Redis is a cache: without the variable everything works, slower. */
export const redisSettings = {
  redisUrl: setting({
    env: 'VIGIL_REDIS_URL',
    schema: url('redis', 'rediss').optional(),
    doc: 'URL of Redis; without it reads come from PostgreSQL.',
    secret: true,
  }),
} as const;

/** The file of secret keys. */
export const keySettings = {
  keysFile: setting({
    env: 'VIGIL_KEYS_FILE',
    schema: path(),
    doc: 'path of the JSON file with the token, dataset and data keys, readable by its owner only.',
  }),
} as const;

/** The server of /metrics and /health. */
const adminSettings = {
  adminHost: setting({
    env: 'VIGIL_ADMIN_HOST',
    schema: text({ max: 255 }).default('127.0.0.1'),
    doc: 'address that metrics and health are served on.',
  }),
  adminPort: setting({
    env: 'VIGIL_ADMIN_PORT',
    schema: port().default(0),
    doc: 'port of metrics and health; 0 takes a free one and logs it.',
  }),
} as const;

/** Logs and traces. */
const telemetrySettings = {
  logLevel: setting({
    env: 'VIGIL_LOG_LEVEL',
    schema: oneOf(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
    doc: 'least severity that is logged.',
  }),
  otlpEndpoint: setting({
    env: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    schema: url('http', 'https').optional(),
    doc: 'base URL of an OTLP/HTTP collector; without it no traces are made.',
  }),
} as const;

/** Stopping. */
const lifecycleSettings = {
  shutdownMs: setting({
    env: 'VIGIL_SHUTDOWN_MS',
    schema: milliseconds({ min: 1000, max: 300_000 }).default(20_000),
    doc: 'time that an ordered stop may take before the process ends anyway.',
  }),
} as const;

/** How the engine batches. */
const engineSettings = {
  commitIntervalMs: setting({
    env: 'VIGIL_COMMIT_INTERVAL_MS',
    schema: milliseconds({ min: 10, max: 10_000 }).default(100),
    doc: 'longest time between two commits of a task that has records to commit; half of it where 500 windows or alerts wait to be told, five to ten times as long while it works off records older than 2 s.',
  }),
  commitRecords: setting({
    env: 'VIGIL_COMMIT_RECORDS',
    schema: integer({ min: 1, max: 1_000_000 }).default(100_000),
    doc: 'consumed records after which a task commits at once; 20,000 records or 16 MiB to be written, outputs and rows of state, are enough, too.',
  }),
  quarantineConsecutive: setting({
    env: 'VIGIL_QUARANTINE_CONSECUTIVE',
    schema: integer({ min: 1, max: 10_000_000 }).default(1000),
    doc: 'rejected records in a row on one task at which the stage stops.',
  }),
  quarantineRatio: setting({
    env: 'VIGIL_QUARANTINE_RATIO',
    schema: decimal({ min: 0, max: 1 }).default(0.5),
    doc: 'share of rejected records among the last records of one task at which the stage stops.',
  }),
  sessionTimeoutMs: setting({
    env: 'VIGIL_SESSION_TIMEOUT_MS',
    schema: milliseconds({ min: 1000, max: 300_000 }).default(6000),
    doc: 'time without a heartbeat after which the group gives a member’s partitions to others.',
  }),
} as const;

/** Review of claims by people: the stage that decides and the command that people decide with ask the same. */
export const reviewSettings = {
  secondPersonAboveCents: setting({
    env: 'VIGIL_REVIEW_SECOND_PERSON_CENTS',
    schema: integer({ min: 0, max: 999_999_999_999 }).default(1_000_000),
    doc: 'charge above which a claim in review is decided by two people, where its plan says nothing; vigil claims review reads the same setting.',
  }),
} as const;

/** A run beside the live stage; only for stages that change nothing but topics. `vigil replay run` sets them. */
export const runSettings = {
  runId: setting({
    env: 'VIGIL_RUN_ID',
    schema: runName().optional(),
    doc: 'runs beside the live stage: group, transactional ids, changelogs, outputs and quarantine carry this id; live topics are only read.',
  }),
  runUntil: setting({
    env: 'VIGIL_RUN_UNTIL',
    schema: runEnds().optional(),
    doc: 'with VIGIL_RUN_ID: first offsets that the run does not read, by topic and partition.',
  }),
  runKey: setting({
    env: 'VIGIL_RUN_KEY',
    schema: text({ max: 200 }).optional(),
    doc: 'with VIGIL_RUN_ID: the run handles records of this key only, a patient token.',
    secret: true,
  }),
  runRecordsPerSecond: setting({
    env: 'VIGIL_RUN_RECORDS_PER_SECOND',
    schema: integer({ min: 1, max: 100_000_000 }).default(50_000),
    doc: 'with VIGIL_RUN_ID: most records that the run reads a second.',
  }),
  runYieldSeconds: setting({
    env: 'VIGIL_RUN_YIELD_SECONDS',
    schema: integer({ min: 0, max: 86_400 }).default(10),
    doc: 'with VIGIL_RUN_ID: the run reads nothing while the live stage is further behind than this; 0 = it never yields.',
  }),
} as const;

/** Of a program that puts the state of a run into the place of the live stage's, and ends. */
export const cutoverSettings = {
  cutoverRun: setting({
    env: 'VIGIL_CUTOVER_RUN',
    schema: runName().optional(),
    doc: 'the program puts the state of this run into the place of the live stage’s, and ends; the live stage must be stopped.',
  }),
  cutoverPages: setting({
    env: 'VIGIL_CUTOVER_PAGES',
    schema: flag().default(false),
    doc: 'with VIGIL_CUTOVER_RUN: whether an episode that only the run has open pages at once; else it is recorded, and the next reading in which it holds pages.',
  }),
  cutoverWholeFromMs: setting({
    env: 'VIGIL_CUTOVER_WHOLE_FROM_MS',
    schema: integer({ min: 0, max: 9_999_999_999_999 }).optional(),
    doc: 'with VIGIL_CUTOVER_RUN: event time, milliseconds since the epoch, from which on the run saw everything; without it, it saw all there ever was.',
  }),
} as const;

/** What every stage needs: spread this into its shape. */
export const serviceSettings = {
  ...kafkaSettings,
  ...registrySettings,
  ...adminSettings,
  ...telemetrySettings,
  ...lifecycleSettings,
  ...engineSettings,
} as const;
