import { fileURLToPath } from 'node:url';
import {
  databaseSettings,
  defineSettings,
  integer,
  keySettings,
  milliseconds,
  path,
  port,
  redisSettings,
  serviceSettings,
  setting,
  text,
} from '@vigil/runtime';

export const defaultWorkflowsDir = fileURLToPath(new URL('../../../workflows', import.meta.url));

const gatewaySettings = {
  gatewayHost: setting({
    env: 'VIGIL_GATEWAY_HOST',
    schema: text({ max: 255 }).default('127.0.0.1'),
    doc: 'address that the HTTP gateway listens on.',
  }),
  gatewayPort: setting({
    env: 'VIGIL_GATEWAY_PORT',
    schema: port().optional(),
    doc: 'port of the HTTP gateway, 0 takes a free one and logs it; without it no gateway is served.',
  }),
  gatewayApiKeyFile: setting({
    env: 'VIGIL_GATEWAY_API_KEY_FILE',
    schema: path().optional(),
    doc: 'path of the file with the API key that clients of the gateway send, at least 16 characters.',
  }),
  gatewayTimeoutMs: setting({
    env: 'VIGIL_GATEWAY_TIMEOUT_MS',
    schema: milliseconds({ min: 100, max: 60_000 }).default(10_000),
    doc: 'longest wait for Kafka’s acknowledgement; then the request is answered with 503.',
  }),
  gatewayWaitingMegabytes: setting({
    env: 'VIGIL_GATEWAY_WAITING_MEGABYTES',
    schema: integer({ min: 8, max: 4096 }).default(64),
    doc: 'bodies that may wait for Kafka’s acknowledgement at once, a quarter of them only with readings beyond a critical limit; beyond, requests are answered with 503.',
  }),
  gatewayBodiesMegabytes: setting({
    env: 'VIGIL_GATEWAY_BODIES_MEGABYTES',
    schema: integer({ min: 16, max: 16_384 }).default(256),
    doc: 'bodies that are read, judged or under way at once; beyond, requests wait unread.',
  }),
  gatewayTargetMs: setting({
    env: 'VIGIL_GATEWAY_TARGET_MS',
    schema: milliseconds({ min: 10, max: 10_000 }).default(500),
    doc: 'time to Kafka’s acknowledgement; while none comes within it the gateway has less under way at once and answers 429 beyond.',
  }),
} as const;

const admissionSettings = {
  highLagMs: setting({
    env: 'VIGIL_GATEWAY_HIGH_LAG_MS',
    schema: milliseconds({ min: 1000, max: 3_600_000 }).default(3000),
    doc: 'lag of a group downstream at which the gateway begins to answer 429.',
  }),
  lowLagMs: setting({
    env: 'VIGIL_GATEWAY_LOW_LAG_MS',
    schema: milliseconds({ min: 100, max: 3_600_000 }).default(1000),
    doc: 'lag below which the admitted rate grows again.',
  }),
  minAdmittedRate: setting({
    env: 'VIGIL_GATEWAY_MIN_RATE',
    schema: integer({ min: 1, max: 1_000_000 }).default(100),
    doc: 'items a second that are admitted however great the lag.',
  }),
  maxAdmittedRate: setting({
    env: 'VIGIL_GATEWAY_MAX_RATE',
    schema: integer({ min: 1, max: 10_000_000 }).default(20_000),
    doc: 'admitted items a second at which holding back ends.',
  }),
} as const;

/** Settings of device-ingest and its gateway. */
export const settings = defineSettings(
  'device-ingest',
  {
    ...serviceSettings,
    ...keySettings,
    ...databaseSettings,
    ...redisSettings,
    workflowsDir: setting({
      env: 'VIGIL_WORKFLOWS_DIR',
      schema: path().optional(),
      doc: 'directory of the workflow definitions, without it workflows/ of the repository; the limits of definitions/patient_monitoring_workflow.yaml must be plausible values.',
    }),
    historicAfterMs: setting({
      env: 'VIGIL_HISTORIC_AFTER_MS',
      schema: milliseconds({ min: 1000, max: 86_400_000 }).default(900_000),
      doc: 'a reading older than this at its arrival is historic: recorded, never paged.',
    }),
    ...gatewaySettings,
    ...admissionSettings,
  },
  [
    {
      settings: ['gatewayPort', 'gatewayApiKeyFile'],
      holds: ({ gatewayPort, gatewayApiKeyFile }) => gatewayPort === undefined || gatewayApiKeyFile !== undefined,
      problem: 'belong together: the port is set and the file is not',
      action: 'Name the file with the API key, or serve no gateway.',
    },
    {
      settings: ['lowLagMs', 'highLagMs'],
      holds: ({ lowLagMs, highLagMs }) => lowLagMs < highLagMs,
      problem: 'contradict each other: the first is not below the second',
      action: 'Leave room between the two, or the gateway flaps.',
    },
    {
      settings: ['minAdmittedRate', 'maxAdmittedRate'],
      holds: ({ minAdmittedRate, maxAdmittedRate }) => minAdmittedRate < maxAdmittedRate,
      problem: 'contradict each other: the first is not below the second',
      action: 'Lower one or raise the other.',
    },
  ],
);
