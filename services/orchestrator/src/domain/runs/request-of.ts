import type { TaskRequested } from '@vigil/contracts';
import { hashId } from '@vigil/core';
import { fillParameters } from '@vigil/definitions';
import type { PlannedTask, RunEffect, RunState } from '@vigil/workflows';

type Enqueue = Extract<RunEffect, { kind: 'enqueue' }>;

/** What the dispatcher adds when it hands the attempt out. */
export type LateFields = 'messageId' | 'leaseMs' | 'deadlineAt' | 'requestedAt' | 'inputRef';

/** The task with the run's parameters where it names them. No others: what a task takes is its own to say, and checked. */
export const specOf = ({ spec }: PlannedTask, { parameters }: RunState): string => JSON.stringify(fillParameters(spec, parameters));

/** `timeoutMs` counts by the worker's clock from its start; the dispatcher makes a deadline of it besides, by the database's. */
export type QueuedRequest = Omit<TaskRequested, LateFields>;

/**
 * W3C trace context: one trace for each run and a span for each attempt, both hashes, so that whoever continues the run
 * gives the same. Always sampled: runs are few beside records.
 */
export const traceparentOf = (runId: string, { task, part, epoch }: { task: string; part: number; epoch: number }): string =>
  `00-${hashId('trace', runId)}-${hashId('span', runId, task, part, epoch).slice(0, 16)}-01`;

/** The request of an attempt, as far as it is known when it is queued; without spec and input, which the parts of a task share. */
export function requestOf(planned: PlannedTask, effect: Enqueue, run: RunState): Omit<QueuedRequest, 'input' | 'spec'> {
  const { task, part, partKey, attempt, epoch } = effect;
  return {
    kind: 'run',
    runId: run.runId,
    workflow: run.workflow,
    version: run.version,
    task,
    part,
    partKey,
    attempt,
    epoch,
    taskType: planned.type,
    batchId: run.batchId,
    runStartedAt: run.startedAtMs,
    idempotencyKey: `${run.runId}/${task}/${part}`,
    traceparent: traceparentOf(run.runId, effect),
    timeoutMs: planned.timeoutMs,
  };
}

/** Key of the requests of a part: its order matters. */
export const requestKeyOf = ({ runId, task, part }: { runId: string; task: string; part: number }): string => `${runId}/${task}/${part}`;
