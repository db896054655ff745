import type { TaskReported, TaskRequested } from '@vigil/contracts';
import { classifyError, isVigilError } from '@vigil/core';
import type { StageHealth, TaskResult } from '@vigil/workflows';

/** Who says it, and when. */
export interface Told {
  readonly worker: string;
  readonly nowMs: number;
}

const longestDetail = 500;

const blank = {
  runId: '',
  task: '',
  part: 0,
  attempt: 0,
  epoch: 0,
  leases: [],
  leaseMs: 0,
  result: '',
  resultRef: null,
  counts: {},
  health: null,
  errorCode: '',
  errorClass: '',
  detail: '',
} as const;

/** Names one part of one task of one run. */
export const partNameOf = ({ runId, task, part }: Pick<TaskRequested, 'runId' | 'task' | 'part'>): string => `${runId}/${task}/${part}`;

/** Told twice it has the same id; another worker, or a later word of the same kind, has another. */
const idOf = (request: TaskRequested, kind: string, discriminator: string | number): string =>
  `${partNameOf(request)}/${request.epoch}/${kind}/${discriminator}`;

function about(request: TaskRequested, kind: string, discriminator: string | number, { worker, nowMs }: Told): TaskReported {
  const { runId, task, part, attempt, epoch, leaseMs } = request;
  return {
    ...blank,
    messageId: idOf(request, kind, discriminator),
    kind,
    worker,
    runId,
    task,
    part,
    attempt,
    epoch,
    leaseMs,
    reportedAt: nowMs,
  };
}

export const startedReport = (request: TaskRequested, told: Told): TaskReported => about(request, 'started', told.worker, told);

export const cancelledReport = (request: TaskRequested, told: Told): TaskReported => about(request, 'cancelled', told.worker, told);

/** @param result  its values are at most 64 KiB, or `ref` names them */
export const succeededReport = (request: TaskRequested, result: TaskResult, told: Told): TaskReported => ({
  ...about(request, 'succeeded', told.worker, told),
  result: JSON.stringify(result),
  resultRef: result.ref,
  counts: { ...result.counts },
});

export interface Progress {
  readonly counts: Readonly<Record<string, number>>;
  readonly health: StageHealth | null;
  /** Empty = nothing to say beyond the counts. */
  readonly detail: string;
}

/** @param number  grows with every word of the attempt */
export const progressedReport = (
  request: TaskRequested,
  { counts, health, detail }: Progress,
  told: Told & { number: number },
): TaskReported => ({
  ...about(request, 'progressed', `${told.worker}/${told.number}`, told),
  counts: { ...counts },
  health,
  detail: detail.slice(0, longestDetail),
});

/** Of a failure of ours its own sentence; of any other one its class only: its message may quote data. */
const detailOf = (error: unknown): string =>
  isVigilError(error)
    ? error.message.slice(0, longestDetail)
    : 'The task ended with a failure that is not in the catalogue; the worker’s log has its place.';

export function failedReport(request: TaskRequested, error: unknown, told: Told): TaskReported {
  const { code, kind } = classifyError(error);
  return { ...about(request, 'failed', told.worker, told), errorCode: code, errorClass: kind, detail: detailOf(error) };
}

/**
 * One word for all attempts that a worker has under way.
 *
 * @param leaseMs  for how long from now they are to be believed; 0 gives them back at once
 */
export function heartbeatReport(requests: readonly TaskRequested[], leaseMs: number, told: Told & { number: number }): TaskReported {
  const leases = requests.map(({ runId, task, part, epoch }) => ({ runId, task, part, epoch }));
  const { worker, nowMs } = told;
  return { ...blank, messageId: `${worker}/heartbeat/${told.number}`, kind: 'heartbeat', worker, leases, leaseMs, reportedAt: nowMs };
}
