import { classifyError, isVigilError, VigilError } from '@vigil/core';

const unanswered: readonly string[] = ['KAFKA_AWAY', 'TIMED_OUT'];

/** A connection that failed comes as the client library's own error; what else was called names itself. */
export function asKafkaError(error: unknown, detail = ''): unknown {
  if (isVigilError(error) || !unanswered.includes(classifyError(error).code)) return error;
  return new VigilError('KAFKA_AWAY', { detail, cause: error });
}
