import { fileURLToPath } from 'node:url';
import {
  databaseSettings,
  defineSettings,
  integer,
  milliseconds,
  path,
  port,
  serviceSettings,
  setting,
  text,
  url,
  warehouseSettings,
} from '@vigil/runtime';

/** Definitions and sources of the repository. */
export const defaultWorkflowsDir = fileURLToPath(new URL('../../../workflows', import.meta.url));

const apiSettings = {
  apiHost: setting({
    env: 'VIGIL_ORCHESTRATOR_API_HOST',
    schema: text({ max: 255 }).default('127.0.0.1'),
    doc: 'address that the API of workflows listens on.',
  }),
  apiPort: setting({
    env: 'VIGIL_ORCHESTRATOR_API_PORT',
    schema: port().optional(),
    doc: 'port of the API of workflows, 0 takes a free one and logs it; without it none is served.',
  }),
  apiKeyFile: setting({
    env: 'VIGIL_ORCHESTRATOR_API_KEY_FILE',
    schema: path().optional(),
    doc: 'path of the file with the key that clients of the API send, at least 16 characters.',
  }),
  workflowsDir: setting({
    env: 'VIGIL_WORKFLOWS_DIR',
    schema: path().optional(),
    doc: 'directory of the workflow definitions and of sources.yaml, without it workflows/ of the repository.',
  }),
  consoleDir: setting({
    env: 'VIGIL_CONSOLE_DIR',
    schema: path().optional(),
    doc: 'directory of the built console, served beside the API below /console/; without it packages/console/dist of the repository.',
  }),
  filesEveryMs: setting({
    env: 'VIGIL_FILES_EVERY_MS',
    schema: milliseconds({ min: 100, max: 3_600_000 }).default(5000),
    doc: 'time between two looks at the sources whose files trigger schedules.',
  }),
} as const;

const runSettings = {
  retentionDays: setting({
    env: 'VIGIL_RUN_RETENTION_DAYS',
    schema: integer({ min: 30, max: 36_500 }).default(400),
    doc: 'days that runs are kept after their end, with their history and payloads, and fires of schedules; the last run of a workflow is kept for good.',
  }),
  leaseMs: setting({
    env: 'VIGIL_LEASE_MS',
    schema: milliseconds({ min: 1000, max: 600_000 }).default(15_000),
    doc: 'a worker that was not heard of for so long counts as dead, and its attempts are handed out again; heartbeats come every 3 to 5 s.',
  }),
  workerSilentMs: setting({
    env: 'VIGIL_WORKER_SILENT_MS',
    schema: milliseconds({ min: 1000, max: 600_000 }).default(20_000),
    doc: 'a pool none of whose workers was heard of for so long is handed no work.',
  }),
  ageingMs: setting({
    env: 'VIGIL_AGEING_MS',
    schema: milliseconds({ min: 100, max: 86_400_000 }).default(60_000),
    doc: 'a queue that is not served gains one priority each time this passes.',
  }),
  reserveAfterMs: setting({
    env: 'VIGIL_RESERVE_AFTER_MS',
    schema: milliseconds({ min: 0, max: 86_400_000 }).default(60_000),
    doc: 'a task that does not fit lets others pass for so long; after it the pool is kept free for it.',
  }),
} as const;

/** Settings of orchestrator. */
export const settings = defineSettings(
  'orchestrator',
  {
    ...serviceSettings,
    ...databaseSettings,
    ...warehouseSettings,
    lagEveryMs: setting({
      env: 'VIGIL_LAG_EVERY_MS',
      schema: milliseconds({ min: 250, max: 60_000 }).default(2000),
      doc: 'time between two observations of the lag; ten of them are the window of its states.',
    }),
    ledgerEveryMs: setting({
      env: 'VIGIL_LEDGER_EVERY_MS',
      schema: milliseconds({ min: 250, max: 60_000 }).default(5000),
      doc: 'time between two reconciliations of the ledger.',
    }),
    ledgerPatienceMs: setting({
      env: 'VIGIL_LEDGER_PATIENCE_MS',
      schema: milliseconds({ min: 1000, max: 600_000 }).default(30_000),
      doc: 'an account that does not balance for so long pages engineering; longer than ledger rows of sinks are under way.',
    }),
    ...runSettings,
    ...apiSettings,
    lineageNamespace: setting({
      env: 'VIGIL_LINEAGE_NAMESPACE',
      schema: text({ max: 255 }).default('vigil'),
      doc: 'namespace of the jobs in OpenLineage events.',
    }),
    openLineageUrl: setting({
      env: 'VIGIL_OPENLINEAGE_URL',
      schema: url('http', 'https').optional(),
      doc: 'where an OpenLineage server takes events, for example https://host/api/v1/lineage; without it they go to their topic only.',
    }),
    openLineageKeyFile: setting({
      env: 'VIGIL_OPENLINEAGE_KEY_FILE',
      schema: path().optional(),
      doc: 'path of the file with the bearer token of the OpenLineage server.',
    }),
  },
  [
    {
      settings: ['apiPort', 'apiKeyFile'],
      holds: ({ apiPort, apiKeyFile }) => apiPort === undefined || apiKeyFile !== undefined,
      problem: 'belong together: the port is set and the file is not',
      action: 'Name the file with the API key, or serve no API.',
    },
  ],
);
