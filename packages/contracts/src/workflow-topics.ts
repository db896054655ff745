import * as schemas from './generated/schemas.ts';
import type {
  ItemRejected,
  JobCheckpointed,
  ParametersChanged,
  RunEmitted,
  ScoreRecorded,
  TaskReported,
  TaskRequested,
} from './generated/types.ts';
import { days, mebibyte, topic, workflowPools, type Topic, type WorkerGroup, type WorkflowPool } from './topic.ts';

/** The consumer groups of all pools of workers. */
export const everyWorker = workflowPools.map((pool): WorkerGroup => `orchestrator-worker.${pool}`);

/** Work for the workers of one pool. */
const requestsOf = (pool: WorkflowPool): Topic<TaskRequested> =>
  topic<TaskRequested>(`workflow.task.requested.${pool}.v1`, {
    key: 'run id, task, part',
    schema: schemas.taskRequested,
    retentionMs: days(7),
    phi: false,
    writers: ['orchestrator'],
    readers: [`orchestrator-worker.${pool}`],
  });

/** Topics of runs, their workers and batch jobs; part of the catalogue. */
export const workflowTopics = {
  itemRejected: topic<ItemRejected>('batch.item.rejected.v1', {
    key: 'job',
    schema: schemas.itemRejected,
    retentionMs: days(90),
    maxMessageBytes: 5 * mebibyte,
    phi: true,
    writers: everyWorker,
    readers: ['warehouse-loader.archive'],
  }),
  jobCheckpointed: topic<JobCheckpointed>('batch.job.checkpointed.v1', {
    key: 'job, partition',
    schema: schemas.jobCheckpointed,
    cleanup: 'compact',
    phi: false,
    writers: everyWorker,
    readers: [],
    tableReaders: ['orchestrator', ...everyWorker],
  }),
  taskRequestedDefault: requestsOf('default'),
  taskRequestedBatch: requestsOf('batch'),
  taskRequestedStream: requestsOf('stream'),
  taskReported: topic<TaskReported>('workflow.task.reported.v1', {
    key: 'run id, of a heartbeat the worker',
    schema: schemas.taskReported,
    retentionMs: days(7),
    phi: false,
    writers: everyWorker,
    readers: ['orchestrator'],
  }),
  parametersChanged: topic<ParametersChanged>('workflow.parameters.changed.v1', {
    key: 'workflow, version',
    schema: schemas.parametersChanged,
    partitions: 1,
    cleanup: 'compact',
    phi: false,
    writers: ['orchestrator', 'cli'],
    readers: [],
    tableReaders: ['vitals-windowing', 'claims-validator-intake', 'claims-validator-adjudicate', ...everyWorker],
  }),
  lineageRunEmitted: topic<RunEmitted>('lineage.run.emitted.v1', {
    key: 'OpenLineage run id',
    schema: schemas.runEmitted,
    retentionMs: days(90),
    phi: false,
    writers: ['orchestrator', ...everyWorker],
    readers: [],
  }),
  scoreRecorded: topic<ScoreRecorded>('quality.score.recorded.v1', {
    key: 'subject',
    schema: schemas.scoreRecorded,
    retentionMs: days(400),
    phi: false,
    writers: ['orchestrator', ...everyWorker],
    readers: [],
  }),
} as const;
