import { errorCatalogue, type ErrorCode, type ErrorKind } from './error-catalogue.ts';
import { isVigilError } from './vigil-error.ts';

/** How to react to a failure, and the catalogue's code for it; `UNKNOWN` is fatal: crash uncommitted. */
export interface ClassifiedError {
  readonly kind: ErrorKind;
  readonly code: ErrorCode | 'UNKNOWN';
}

/** What is looked at of a foreign error. Never its message, which may hold data and changes with versions. */
interface ErrorMarks {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly type?: unknown;
  readonly status?: unknown;
  readonly statusCode?: unknown;
  readonly severity?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
  readonly originalError?: unknown;
}

const as = (code: ErrorCode): ClassifiedError => ({ kind: errorCatalogue[code].kind, code });
const unknown: ClassifiedError = { kind: 'fatal', code: 'UNKNOWN' };
const table = (entries: Partial<Record<ErrorCode, readonly string[]>>): ReadonlyMap<string, ErrorCode> =>
  new Map(Object.entries(entries).flatMap(([code, marks]) => marks.map((mark) => [mark, code as ErrorCode] as const)));

/** Kafka's protocol errors, by the name of their code. */
const kafkaTypes = table({
  FENCED: [
    'INVALID_PRODUCER_EPOCH',
    'PRODUCER_FENCED',
    'FENCED_INSTANCE_ID',
    'TRANSACTION_COORDINATOR_FENCED',
    'ILLEGAL_GENERATION',
    'UNKNOWN_MEMBER_ID',
  ],
  ACCESS_DENIED: [
    'TOPIC_AUTHORIZATION_FAILED',
    'GROUP_AUTHORIZATION_FAILED',
    'CLUSTER_AUTHORIZATION_FAILED',
    'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
    'SASL_AUTHENTICATION_FAILED',
    'SECURITY_DISABLED',
    'UNSUPPORTED_SASL_MECHANISM',
  ],
  MESSAGE_TOO_LARGE: ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'],
  OFFSET_OUT_OF_RANGE: ['OFFSET_OUT_OF_RANGE'],
  TOPIC_MISSING: ['INVALID_TOPIC_EXCEPTION'],
  KAFKA_AWAY: [
    'BROKER_NOT_AVAILABLE',
    'LEADER_NOT_AVAILABLE',
    'NOT_LEADER_FOR_PARTITION',
    'REPLICA_NOT_AVAILABLE',
    'NETWORK_EXCEPTION',
    'GROUP_LOAD_IN_PROGRESS',
    'GROUP_COORDINATOR_NOT_AVAILABLE',
    'NOT_COORDINATOR_FOR_GROUP',
    'COORDINATOR_LOAD_IN_PROGRESS',
    'COORDINATOR_NOT_AVAILABLE',
    'NOT_COORDINATOR',
    'NOT_ENOUGH_REPLICAS',
    'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
    'NOT_CONTROLLER',
    'KAFKA_STORAGE_ERROR',
    'UNKNOWN_TOPIC_OR_PARTITION',
    'FENCED_LEADER_EPOCH',
    'UNKNOWN_LEADER_EPOCH',
  ],
  TIMED_OUT: [
    'REQUEST_TIMED_OUT',
    'CONCURRENT_TRANSACTIONS',
    'REBALANCE_IN_PROGRESS',
    'INVALID_TXN_STATE',
    'INVALID_PRODUCER_ID_MAPPING',
    'OUT_OF_ORDER_SEQUENCE_NUMBER',
    'UNKNOWN_PRODUCER_ID',
    'UNSTABLE_OFFSET_COMMIT',
    'THROTTLING_QUOTA_EXCEEDED',
  ],
});

/** Class names of client libraries. */
const names = table({
  KAFKA_AWAY: [
    'KafkaJSConnectionError',
    'KafkaJSConnectionClosedError',
    'KafkaJSBrokerNotFound',
    'KafkaJSGroupCoordinatorNotFound',
    'KafkaJSMetadataNotLoaded',
    'KafkaJSTopicMetadataNotLoaded',
    'KafkaJSStaleTopicMetadataAssignment',
  ],
  ACCESS_DENIED: ['KafkaJSSASLAuthenticationError'],
  TIMED_OUT: ['KafkaJSRequestTimeoutError', 'KafkaJSLockTimeout', 'KafkaJSTimeout', 'TimeoutError', 'AbortError', 'KnexTimeoutError'],
  REDIS_AWAY: ['MaxRetriesPerRequestError', 'ReplyError', 'ClusterAllFailedError'],
});

/** Node's errno codes and those of its fetch. */
const errnoCodes = table({
  TIMED_OUT: [
    'ETIMEDOUT',
    'ESOCKETTIMEDOUT',
    'ABORT_ERR',
    'UND_ERR_CONNECT_TIMEOUT',
    'UND_ERR_HEADERS_TIMEOUT',
    'UND_ERR_BODY_TIMEOUT',
    'ECONNREFUSED',
    'ECONNRESET',
    'ECONNABORTED',
    'EPIPE',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'ENETDOWN',
    'UND_ERR_SOCKET',
  ],
  DISK_UNWRITABLE: ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EACCES', 'EPERM', 'EMFILE', 'ENFILE'],
  PORT_TAKEN: ['EADDRINUSE'],
});

/** PostgreSQL's SQLSTATE, whole or by class (its first two characters). */
const sqlStates = table({
  DATABASE_CONFLICT: ['40001', '40P01', '55P03', '57014', '25P02'],
  DATABASE_AWAY: ['08', '53', '57P01', '57P02', '57P03', '57P05', '25P03', '58', 'XX'],
  ACCESS_DENIED: ['28', '42501'],
  BAD_SETTINGS: ['3D', '3F'],
  // 54: a value is larger than an index or a type can hold, or nested deeper than can be read.
  ROW_REFUSED: ['22', '23', '54'],
});

function classifyStatus(status: unknown): ClassifiedError | undefined {
  if (typeof status !== 'number') return undefined;
  if (status === 401 || status === 403) return as('ACCESS_DENIED');
  return status === 408 || status === 425 || status === 429 || (status >= 500 && status <= 599) ? as('TIMED_OUT') : undefined;
}

function classifyCode(code: unknown, severity: unknown): ClassifiedError | undefined {
  if (typeof code !== 'string') return undefined;
  const found = typeof severity === 'string' ? (sqlStates.get(code) ?? sqlStates.get(code.slice(0, 2))) : errnoCodes.get(code);
  return found && as(found);
}

/** cockatiel marks its errors by a property instead of a name. */
function classifyPolicy(error: object): ClassifiedError | undefined {
  if ('isBrokenCircuitError' in error || 'isBulkheadRejectedError' in error) return as('BREAKER_OPEN');
  return 'isTaskCancelledError' in error ? as('TIMED_OUT') : undefined;
}

function classifyOwnMarks(error: object): ClassifiedError | undefined {
  const { name, code, type, status, statusCode, severity } = error as ErrorMarks;
  const ofType = typeof type === 'string' ? kafkaTypes.get(type) : undefined;
  if (ofType) return as(ofType);
  const ofPolicy = classifyPolicy(error) ?? classifyCode(code, severity) ?? classifyStatus(status ?? statusCode);
  if (ofPolicy) return ofPolicy;
  const ofName = typeof name === 'string' ? names.get(name) : undefined;
  return ofName && as(ofName);
}

/** Wrapped failures: what a library's own wrapper hides. */
const innerOf = ({ originalError, cause, errors }: ErrorMarks): unknown =>
  originalError ?? cause ?? (Array.isArray(errors) ? errors[0] : undefined);

/**
 * The class of any failure, by type, name and code only. Total: what it does not know is fatal.
 *
 * A VigilError keeps its own kind. Otherwise the outermost mark that is known decides, then what is wrapped inside.
 */
export function classifyError(error: unknown): ClassifiedError {
  let current = error;
  for (let depth = 0; depth < 8; depth++) {
    if (isVigilError(current)) return { kind: current.kind, code: current.code };
    if (typeof current !== 'object' || current === null) return unknown;
    const found = classifyOwnMarks(current);
    if (found) return found;
    current = innerOf(current);
  }
  return unknown;
}
