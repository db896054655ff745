import { hashId, toUuid } from '@vigil/core';
import { ownWorkOf } from '../plan/own-work.ts';
import type { PlannedTask } from '../plan/run-plan.ts';
import { changePart, taskOf, type Draft } from './draft.ts';
import type { TaskResult } from './run-state.ts';

/** The run that an attempt of a `workflow` task starts: the same for the same attempt, another for the next. */
export const childRunIdOf = (runId: string, task: string, part: number, epoch: number): string =>
  toUuid(hashId('child-run', runId, task, part, epoch));

function inputOf(draft: Draft, task: PlannedTask): Readonly<Record<string, TaskResult | null>> {
  return Object.fromEntries(task.dependsOn.map((name) => [name, taskOf(draft, name).result]));
}

/** Asks for the attempt that the part is at, under a new epoch. */
export function requestPart(draft: Draft, task: PlannedTask, part: number): void {
  const own = changePart(draft, task.name, part);
  own.epoch++;
  own.worker = null;
  own.retryAtMs = null;
  own.error = null;
  const { epoch, attempt, partKey } = own;
  const work = ownWorkOf(task);
  if (work.kind !== 'workflow') {
    own.status = 'queued';
    draft.effects.push({ kind: 'enqueue', task: task.name, part, partKey, attempt, epoch, input: inputOf(draft, task) });
    return;
  }
  own.status = 'running';
  own.childRunId = childRunIdOf(draft.run.runId, task.name, part, epoch);
  const { workflow } = work;
  const parameters = task.fanOut ? { ...work.parameters, part_key: partKey } : work.parameters;
  draft.effects.push({ kind: 'start-run', task: task.name, part, childRunId: own.childRunId, workflow, parameters });
  startTimeout(draft, task, part);
}

/** The limit of an attempt counts from when it starts, not from when it queues. */
export function startTimeout(draft: Draft, task: PlannedTask, part: number): void {
  if (task.timeoutMs === null) return;
  const { epoch } = changePart(draft, task.name, part);
  draft.effects.push({
    kind: 'set-timer',
    timer: { kind: 'timeout', task: task.name, part, epoch },
    atMs: draft.atMs + task.timeoutMs,
  });
}

/** Asks at once, or when the run resumes. */
export function requestWhenRunning(draft: Draft, task: PlannedTask, part: number): void {
  if (draft.run.status === 'running') return requestPart(draft, task, part);
  const own = changePart(draft, task.name, part);
  own.status = 'backing-off';
  own.retryAtMs = null;
  own.worker = null;
}
