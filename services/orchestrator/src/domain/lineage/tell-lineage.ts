import { topics, type RunEmitted } from '@vigil/contracts';
import { hashId, toUuid } from '@vigil/core';
import type { PartState, PlannedTask, RunInput } from '@vigil/workflows';
import type { OutboxMessage, ToldStep } from '../runs/ports.ts';
import { traceparentOf } from '../runs/request-of.ts';
import { runTraceparentOf } from '../traces/run-traceparent.ts';
import { buildRunEvent, type RunEvent, type RunEventType, type RunFacts } from './run-event.ts';
import { datasetsOf, type LineageNamespaces } from './task-datasets.ts';

/** OpenLineage run id of an attempt: one per epoch, the same in every repeat of the step. */
const attemptRunId = (runId: string, task: string, { part, epoch }: Pick<PartState, 'part' | 'epoch'>): string =>
  toUuid(hashId('openlineage', runId, task, part, epoch));

/** As a message of `lineage.run.emitted.v1`. */
export function messageOf(event: RunEvent): OutboxMessage & { readonly value: RunEmitted } {
  const { runId } = event.run;
  const value: RunEmitted = {
    runId,
    eventType: event.eventType,
    eventTime: Date.parse(event.eventTime),
    job: `${event.job.namespace}/${event.job.name}`,
    event: JSON.stringify(event),
  };
  return { topic: topics.lineageRunEmitted.name, key: runId, value };
}

const isWorking = ({ status, worker }: PartState): boolean => (status === 'running' || status === 'stopping') && worker !== null;

/** How an attempt that was under way came to its end in a step; null = it goes on. */
function endOf(before: PartState, after: PartState | undefined, input: RunInput): Pick<RunFacts, 'eventType' | 'error'> | null {
  if (after?.epoch === before.epoch && isWorking(after)) return null;
  if (after?.epoch === before.epoch && after.status === 'succeeded') return { eventType: 'COMPLETE' };
  return input.kind === 'failed' ? { eventType: 'FAIL', error: `${input.error.code}: ${input.error.detail}` } : { eventType: 'ABORT' };
}

const endings: Readonly<Record<string, RunEventType>> = { succeeded: 'COMPLETE', failed: 'FAIL', cancelled: 'ABORT' };

function runEvents({ plan, input, before, step: { state }, scheduledForMs }: ToldStep, jobs: string): readonly RunEvent[] {
  const facts = {
    runId: state.runId,
    namespace: jobs,
    job: plan.workflow,
    jobType: 'DAG',
    processing: plan.continuous ? 'STREAMING' : 'BATCH',
    atMs: input.atMs,
    nominalMs: scheduledForMs ?? undefined,
    traceparent: runTraceparentOf(state.runId),
    startedAtMs: state.startedAtMs,
  } as const;
  const wasOver = before !== null && before.status in endings;
  const ending = endings[state.status];
  const events: RunEvent[] = [];
  if (before === null || (wasOver && ending === undefined)) events.push(buildRunEvent({ ...facts, eventType: 'START' }));
  if (ending !== undefined && !wasOver)
    events.push(buildRunEvent({ ...facts, eventType: ending, ...(ending === 'FAIL' && { error: state.reason ?? 'a task failed' }) }));
  return events;
}

function partEvents(taken: ToldStep, task: PlannedTask, namespaces: LineageNamespaces): readonly RunEvent[] {
  const { plan, input, before, step, scheduledForMs } = taken;
  const { state } = step;
  const [old, now] = [before?.tasks[task.name], state.tasks[task.name]];
  if (old === now) return [];
  const eventOf = (part: PartState, told: Pick<RunFacts, 'eventType' | 'error'>): RunEvent =>
    buildRunEvent({
      ...told,
      atMs: input.atMs,
      runId: attemptRunId(state.runId, task.name, part),
      namespace: namespaces.jobs,
      job: `${plan.workflow}.${task.name}`,
      jobType: 'TASK',
      processing: plan.continuous ? 'STREAMING' : 'BATCH',
      parent: { runId: state.runId, job: plan.workflow },
      nominalMs: scheduledForMs ?? undefined,
      traceparent: traceparentOf(state.runId, { task: task.name, part: part.part, epoch: part.epoch }),
      ...datasetsOf(task.spec, part.result, namespaces),
    });
  const ended = (old?.parts ?? []).filter(isWorking).flatMap((part) => {
    const after = now?.parts[part.part];
    const end = endOf(part, after, input);
    return end === null ? [] : [eventOf(end.eventType === 'COMPLETE' && after ? after : part, end)];
  });
  const started = (now?.parts ?? []).filter((part) => {
    const known = old?.parts[part.part];
    return isWorking(part) && !(known?.epoch === part.epoch && isWorking(known));
  });
  return [...ended, ...started.map((part) => eventOf(part, { eventType: 'START' }))];
}

/** Events of one step: of the run, and of each attempt that a worker began or ended. An ignored input tells nothing. */
export function lineageOfStep(taken: ToldStep, namespaces: LineageNamespaces): readonly RunEvent[] {
  if (taken.step.ignored !== null) return [];
  const tasks = taken.plan.tasks.flatMap((task) => partEvents(taken, task, namespaces));
  const run = runEvents(taken, namespaces.jobs);
  // A run begins before its tasks and ends after them.
  return [...run.filter(({ eventType }) => eventType === 'START'), ...tasks, ...run.filter(({ eventType }) => eventType !== 'START')];
}

/** The hook `tell` of the run store: lineage goes out with the step that it tells of, or not at all. */
export const createTellLineage =
  (namespaces: LineageNamespaces) =>
  (steps: readonly ToldStep[]): readonly OutboxMessage[] =>
    steps.flatMap((step) => lineageOfStep(step, namespaces).map(messageOf));
