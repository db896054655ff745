import { fileURLToPath } from 'node:url';
import {
  databaseSettings,
  defineSettings,
  integer,
  keySettings,
  milliseconds,
  path,
  serviceSettings,
  setting,
  warehouseSettings,
} from '@vigil/runtime';

/** Definitions and sources of the repository. */
export const defaultWorkflowsDir = fileURLToPath(new URL('../../../../workflows', import.meta.url));

/** Settings of `orchestrator worker`, whatever pools it serves. */
export const workerSettings = defineSettings('orchestrator-worker', {
  ...serviceSettings,
  ...databaseSettings,
  ...warehouseSettings,
  ...keySettings,
  workflowsDir: setting({
    env: 'VIGIL_WORKFLOWS_DIR',
    schema: path().optional(),
    doc: 'directory of the workflow definitions, without it workflows/ of the repository.',
  }),
  reportsDir: setting({
    env: 'VIGIL_REPORTS_DIR',
    schema: path().optional(),
    doc: 'directory that reports and extracts are published to; without it such tasks fail.',
  }),
  stagingDir: setting({
    env: 'VIGIL_STAGING_DIR',
    schema: path().optional(),
    doc: 'directory for copies of files while they are loaded, readable by the worker only; without it vigil-staging in the temporary directory.',
  }),
  atOnce: setting({
    env: 'VIGIL_WORKER_AT_ONCE',
    schema: integer({ min: 1, max: 10_000 }).default(1000),
    doc: 'attempts that one worker runs at once, over all its pools; the slots of a pool bound its attempts over all workers.',
  }),
  abortGraceMs: setting({
    env: 'VIGIL_WORKER_ABORT_GRACE_MS',
    schema: milliseconds({ min: 100, max: 60_000 }).default(5000),
    doc: 'how long an attempt that was told to stop may take before its worker gives it up.',
  }),
  stagePatienceMs: setting({
    env: 'VIGIL_STAGE_PATIENCE_MS',
    schema: milliseconds({ min: 1000, max: 600_000 }).default(30_000),
    doc: 'an account of a batch that does not balance for so long, with nothing left to read, fails its task.',
  }),
});
