/**
 * Every OpenTelemetry name that Vigil writes, in one place (semantic conventions 1.45.0).
 * The messaging names are still "in development" there: a new version is adopted here or nowhere.
 */
export {
  ATTR_ERROR_TYPE as errorType,
  ATTR_SERVICE_NAME as serviceName,
  ATTR_SERVICE_VERSION as serviceVersion,
} from '@opentelemetry/semantic-conventions';
export {
  ATTR_MESSAGING_BATCH_MESSAGE_COUNT as batchMessageCount,
  ATTR_MESSAGING_CONSUMER_GROUP_NAME as consumerGroupName,
  ATTR_MESSAGING_DESTINATION_NAME as destinationName,
  ATTR_MESSAGING_DESTINATION_PARTITION_ID as partitionId,
  ATTR_KAFKA_OFFSET as kafkaOffset,
  ATTR_MESSAGING_OPERATION_NAME as operationName,
  ATTR_MESSAGING_OPERATION_TYPE as operationType,
  ATTR_MESSAGING_SYSTEM_NAME as messagingSystemName,
  ATTR_SERVICE_INSTANCE_ID as serviceInstanceId,
} from '@opentelemetry/semantic-conventions/incubating';

/** Value of the messaging system for Kafka. */
export const kafkaSystem = 'kafka';

/** Values of the operation type. */
export type OperationType = 'create' | 'send' | 'receive' | 'process' | 'settle';

/** `{operation.name} {destination}`. */
export const spanNameOf = (operation: string, destination: string): string => `${operation} ${destination}`;

/** Names of our own, for what OpenTelemetry has none: runs of workflows and attempts of their tasks. */
export const workAttributes = {
  runId: 'vigil.run.id',
  workflow: 'vigil.workflow',
  task: 'vigil.task',
  part: 'vigil.task.part',
  attempt: 'vigil.task.attempt',
  batchId: 'vigil.batch.id',
  outcome: 'vigil.outcome',
} as const;
