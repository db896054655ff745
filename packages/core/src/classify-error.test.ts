import { expect, test } from '@jest/globals';
import { classifyError } from './classify-error.ts';
import { VigilError } from './vigil-error.ts';

const named = (name: string, marks: object = {}): Error =>
  Object.assign(new Error('text that must not matter: FENCED 40001 ECONNREFUSED'), { name }, marks);

test.each([
  ['our own error', new VigilError('QUARANTINE_LIMIT'), 'fatal', 'QUARANTINE_LIMIT'],
  ['a fenced producer', named('KafkaJSProtocolError', { type: 'INVALID_PRODUCER_EPOCH' }), 'fenced', 'FENCED'],
  ['a lost membership', named('KafkaJSProtocolError', { type: 'UNKNOWN_MEMBER_ID' }), 'fenced', 'FENCED'],
  ['a leader that moved', named('KafkaJSProtocolError', { type: 'NOT_LEADER_FOR_PARTITION' }), 'dependency', 'KAFKA_AWAY'],
  ['a busy coordinator', named('KafkaJSProtocolError', { type: 'CONCURRENT_TRANSACTIONS' }), 'transient', 'TIMED_OUT'],
  ['a refused principal', named('KafkaJSProtocolError', { type: 'TOPIC_AUTHORIZATION_FAILED' }), 'auth', 'ACCESS_DENIED'],
  ['a record too large', named('KafkaJSProtocolError', { type: 'MESSAGE_TOO_LARGE' }), 'poison', 'MESSAGE_TOO_LARGE'],
  ['a lost connection', named('KafkaJSConnectionError'), 'dependency', 'KAFKA_AWAY'],
  ['retries given up', named('KafkaJSNumberOfRetriesExceeded', { cause: named('KafkaJSRequestTimeoutError') }), 'transient', 'TIMED_OUT'],
  [
    'a wrapped error of kafkajs',
    named('KafkaJSNonRetriableError', { originalError: named('KafkaJSSASLAuthenticationError') }),
    'auth',
    'ACCESS_DENIED',
  ],
  ['a serialization failure', named('error', { code: '40001', severity: 'ERROR' }), 'transient', 'DATABASE_CONFLICT'],
  ['a lost database connection', named('error', { code: '08006', severity: 'FATAL' }), 'dependency', 'DATABASE_AWAY'],
  ['a full database disk', named('error', { code: '53100', severity: 'ERROR' }), 'dependency', 'DATABASE_AWAY'],
  ['a wrong password', named('error', { code: '28P01', severity: 'FATAL' }), 'auth', 'ACCESS_DENIED'],
  ['a missing database', named('error', { code: '3D000', severity: 'FATAL' }), 'config', 'BAD_SETTINGS'],
  ['a violated constraint', named('error', { code: '23514', severity: 'ERROR' }), 'poison', 'ROW_REFUSED'],
  ['an entry too large for its index', named('error', { code: '54000', severity: 'ERROR' }), 'poison', 'ROW_REFUSED'],
  ['a wrong statement', named('error', { code: '42601', severity: 'ERROR' }), 'fatal', 'UNKNOWN'],
  ['a refused connection', named('Error', { code: 'ECONNREFUSED' }), 'transient', 'TIMED_OUT'],
  ['a full disk', named('Error', { code: 'ENOSPC' }), 'dependency', 'DISK_UNWRITABLE'],
  ['a taken port', named('Error', { code: 'EADDRINUSE' }), 'config', 'PORT_TAKEN'],
  ['fetch that failed', new TypeError('fetch failed', { cause: named('Error', { code: 'ENOTFOUND' }) }), 'transient', 'TIMED_OUT'],
  [
    'several addresses that failed',
    Object.assign(new AggregateError([named('Error', { code: 'ECONNREFUSED' })])),
    'transient',
    'TIMED_OUT',
  ],
  ['a call that was given up', named('TimeoutError'), 'transient', 'TIMED_OUT'],
  ['Redis that gave up', named('MaxRetriesPerRequestError'), 'dependency', 'REDIS_AWAY'],
  ['an open breaker', named('Error', { isBrokenCircuitError: true }), 'dependency', 'BREAKER_OPEN'],
  ['a full bulkhead', named('Error', { isBulkheadRejectedError: true }), 'dependency', 'BREAKER_OPEN'],
  ['a cancelled task', named('Error', { isTaskCancelledError: true }), 'transient', 'TIMED_OUT'],
  ['HTTP 401', { status: 401 }, 'auth', 'ACCESS_DENIED'],
  ['HTTP 403', { statusCode: 403 }, 'auth', 'ACCESS_DENIED'],
  ['HTTP 429', { status: 429 }, 'transient', 'TIMED_OUT'],
  ['HTTP 503', { status: 503 }, 'transient', 'TIMED_OUT'],
  ['HTTP 404', { status: 404 }, 'fatal', 'UNKNOWN'],
  ['a bug', new RangeError('x'), 'fatal', 'UNKNOWN'],
  ['text', 'FENCED', 'fatal', 'UNKNOWN'],
  ['nothing', undefined, 'fatal', 'UNKNOWN'],
  ['null', null, 'fatal', 'UNKNOWN'],
])('%s', (_, error, kind, code) => {
  expect(classifyError(error)).toEqual({ kind, code });
});

test('a chain of causes without end is fatal', () => {
  const endless: { cause?: unknown } = {};
  endless.cause = endless;

  expect(classifyError(endless)).toEqual({ kind: 'fatal', code: 'UNKNOWN' });
});
