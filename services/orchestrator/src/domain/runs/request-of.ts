import type { TaskRequested } from '@vigil/contracts';
import { fillParameters } from '@vigil/definitions';
import type { PlannedTask, RunEffect, RunState } from '@vigil/workflows';

type Enqueue = Extract<RunEffect, { kind: 'enqueue' }>;

/** What the dispatcher adds when it hands the attempt out. */
export type LateFields = 'messageId' | 'leaseMs' | 'deadlineAt' | 'requestedAt' | 'inputRef';

/** The task with the run's parameters where it names them. No others: what a task takes is its own to say, and checked. */
const specOf = ({ spec }: PlannedTask, { parameters }: RunState): string => JSON.stringify(fillParameters(spec, parameters));

/** `timeoutMs`: the dispatcher makes a deadline of it; null = none. */
export type QueuedRequest = Omit<TaskRequested, LateFields> & { readonly timeoutMs: number | null };

/** The request of an attempt, as far as it is known when it is queued. */
export function requestOf(planned: PlannedTask, effect: Enqueue, run: RunState): QueuedRequest {
  const { task, part, partKey, attempt, epoch, input } = effect;
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
    spec: specOf(planned, run),
    input: JSON.stringify(input),
    batchId: run.batchId,
    runStartedAt: run.startedAtMs,
    idempotencyKey: `${run.runId}/${task}/${part}`,
    traceparent: null,
    timeoutMs: planned.timeoutMs,
  };
}

/** Key of the requests of a part: its order matters. */
export const requestKeyOf = ({ runId, task, part }: { runId: string; task: string; part: number }): string => `${runId}/${task}/${part}`;
