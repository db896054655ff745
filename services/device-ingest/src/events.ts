import { defineEvents, endToEndBuckets, event, field } from '@vigil/runtime';

const excludable = [
  'heart_rate',
  'respiratory_rate',
  'oxygen_saturation',
  'temperature_c',
  'systolic',
  'diastolic',
  'supplemental_oxygen',
  'consciousness',
  'birth_year',
] as const;
const exclusionCodes = [
  'OUT_OF_RANGE',
  'ZERO_SIGNAL',
  'LEAD_OFF',
  'NOT_A_NUMBER',
  'UNKNOWN_UNIT',
  'DIASTOLIC_NOT_BELOW_SYSTOLIC',
  'BAD_CODE',
] as const;
const flags = ['TEMPERATURE_UNIT_CONVERTED', 'LEAD_OFF', 'LEAP_SECOND_CLAMPED', 'MESSAGE_ID_IGNORED'] as const;
const statuses = ['202', '200', '400', '401', '404', '405', '413', '415', '422', '429', '500', '503'] as const;

/** The gateway's answers take at most its time-out and are mostly short. */
const requestBuckets = [0.005, 0.01, 0.025, ...endToEndBuckets.filter((seconds) => seconds <= 30)];

/** What device-ingest and its gateway log and count. */
export const events = defineEvents('device-ingest', {
  rulesLoaded: event({
    level: 'info',
    message: 'the limits of the workflow definition lie inside plausibility',
    fields: { workflow: field.ownName() },
  }),
  fieldExcluded: event({
    level: 'none',
    message: 'a field was judged impossible',
    fields: { field: field.oneOf(...excludable), code: field.oneOf(...exclusionCodes) },
    metric: {
      kind: 'counter',
      name: 'vigil_ingest_excluded_fields_total',
      help: 'Fields of accepted readings that were judged impossible, by field and code.',
      labels: ['field', 'code'],
    },
  }),
  readingFlagged: event({
    level: 'none',
    message: 'an accepted reading has a data-quality flag',
    fields: { flag: field.oneOf(...flags) },
    metric: {
      kind: 'counter',
      name: 'vigil_ingest_flagged_readings_total',
      help: 'Data-quality flags of accepted readings.',
      labels: ['flag'],
    },
  }),
  recordMisplaced: event({
    level: 'none',
    message: 'a record is not on the partition of its device',
    fields: { topic: field.topic(), partition: field.partition() },
    metric: {
      kind: 'counter',
      name: 'vigil_ingest_misplaced_records_total',
      help: 'Records without a key or on another partition than murmur2 of their device id: repeats on two partitions are not recognised.',
      labels: ['topic', 'partition'],
    },
  }),
  devicesMisplaced: event({
    level: 'warn',
    message: 'devices write to other partitions than their own, or without a key; told at most once a minute, with one example',
    fields: { topic: field.topic(), partition: field.partition(), offset: field.offset(), records: field.count() },
  }),
  cacheFailed: event({
    level: 'none',
    message: 'Redis did not answer; the read went to PostgreSQL',
    fields: {},
    metric: {
      kind: 'counter',
      name: 'vigil_gateway_cache_failures_total',
      help: 'Reads of latest vitals that Redis did not answer and PostgreSQL did.',
    },
  }),
  gatewayServed: event({ level: 'info', message: 'the gateway is served', fields: { port: field.port() } }),
  gatewayAnswered: event({
    level: 'none',
    message: 'the gateway answered a request',
    fields: {
      route: field.oneOf('readings', 'patients', 'claims', 'latest', 'other'),
      status: field.oneOf(...statuses),
      items: field.count(),
      durationMs: field.durationMs(),
    },
    metrics: [
      {
        kind: 'counter',
        name: 'vigil_gateway_requests_total',
        help: 'Requests to the gateway, by route and status.',
        labels: ['route', 'status'],
      },
      {
        kind: 'counter',
        name: 'vigil_gateway_accepted_items_total',
        help: 'Items that Kafka acknowledged, by route.',
        labels: ['route'],
        by: 'items',
      },
      {
        kind: 'histogram',
        name: 'vigil_gateway_request_seconds',
        help: 'Time from a request to its answer.',
        labels: ['route'],
        value: 'durationMs',
        buckets: requestBuckets,
      },
    ],
  }),
  lagSampled: event({
    level: 'none',
    message: 'the lag downstream was sampled',
    fields: { lagMs: field.durationMs(), rate: field.number() },
    metrics: [
      { kind: 'gauge', name: 'vigil_gateway_lag_seconds', help: 'Greatest lag of the groups that hold the gateway back.', value: 'lagMs' },
      {
        kind: 'gauge',
        name: 'vigil_gateway_admitted_items_per_second',
        help: 'Items a second that the gateway admits; the upper limit when nothing is held back.',
        value: 'rate',
      },
    ],
  }),
  claimLagSampled: event({
    level: 'none',
    message: 'the lag that holds claims back was sampled',
    fields: { lagMs: field.durationMs(), rate: field.number() },
    metrics: [
      {
        kind: 'gauge',
        name: 'vigil_gateway_claim_lag_seconds',
        help: 'Greatest lag of the groups that hold claims back: those of claims, and those of readings, to which claims give way.',
        value: 'lagMs',
      },
      {
        kind: 'gauge',
        name: 'vigil_gateway_admitted_claims_per_second',
        help: 'Claims a second that the gateway admits; the upper limit when nothing is held back.',
        value: 'rate',
      },
    ],
  }),
  loadSampled: event({
    level: 'none',
    message: 'what the gateway has under way was sampled',
    fields: { items: field.count(), limit: field.count() },
    metrics: [
      { kind: 'gauge', name: 'vigil_gateway_items_under_way', help: 'Items that wait for Kafka’s acknowledgement.', value: 'items' },
      {
        kind: 'gauge',
        name: 'vigil_gateway_items_under_way_limit',
        help: 'Items that may wait for it at once before the gateway answers 429; it falls while acknowledgements are late.',
        value: 'limit',
      },
    ],
  }),
  holdingBack: event({
    level: 'warn',
    message: 'the stream is behind: the gateway answers 429 beyond the admitted rate',
    fields: { lagMs: field.durationMs(), rate: field.number() },
  }),
  holdingClaimsBack: event({
    level: 'warn',
    message: 'claims are behind: the gateway answers 429 to claims beyond the admitted rate',
    fields: { lagMs: field.durationMs(), rate: field.number() },
  }),
  observerSilent: event({
    level: 'warn',
    message: 'nothing new from the lag observer: the gateway measures the lag itself',
    fields: {},
  }),
  observerHeard: event({ level: 'info', message: 'the gateway goes by the lag observer', fields: {} }),
  admittingAllClaims: event({
    level: 'info',
    message: 'the gateway admits all claims again',
    fields: { lagMs: field.durationMs() },
  }),
  admittingAll: event({ level: 'info', message: 'the gateway admits everything again', fields: { lagMs: field.durationMs() } }),
});
