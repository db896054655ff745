import { randomUUID } from 'node:crypto';
import { topics, workflowPools, type TaskRequested, type WorkflowPool } from '@vigil/contracts';
import type { Transaction } from '@vigil/postgres';
import type { EndedRun, FallenTask, OutboxMessage, RunHooks, ToldStep } from '../../domain/runs/ports.ts';
import { projectRun } from '../../domain/runs/project-run.ts';
import { requestKeyOf, requestOf } from '../../domain/runs/request-of.ts';
import { partKeyOf, sortEffects, type SortedEffects } from '../../domain/runs/sort-effects.ts';
import type { RunSteps } from '../../domain/runs/take-steps.ts';
import { isWithWorker, type TaskChange } from '../../domain/runs/task-change.ts';
import { putOut, type ClaimedMessage } from './outbox-rows.ts';
import type { RunRow, SavedEvent } from './run-rows.ts';
import { holdQueued, lockParts, tellProgress, type ProgressRow, type ProjectedTask } from './task-rows.ts';
import { changeApprovals, clearTimers, keepPayloads, setTimers, type ApprovalChange, type PayloadRow, type TimerRow } from './wait-rows.ts';
import { writeSteps } from './write-steps.ts';

export interface SaveOptions {
  readonly hooks: RunHooks<Transaction>;
  readonly leaseMs: number;
  /** How long messages are this process's to publish; 0 = the relay publishes them. */
  readonly claimMs: number;
}

/** What is to be done after the commit. */
export interface Aftermath {
  readonly messages: readonly ClaimedMessage[];
  /** Pools in which something was queued or given back. */
  readonly pools: ReadonlySet<WorkflowPool>;
  /** Inputs of other runs wait to be taken. */
  readonly hasDue: boolean;
}

/** Runs to start, which the caller does: starting one is a step, too. */
export interface SavedSteps extends Aftermath {
  readonly children: readonly { readonly row: RunRow; readonly effect: SortedEffects['started'][number] }[];
}

interface SortedRun extends RunSteps {
  readonly row: RunRow;
  readonly sorted: SortedEffects;
  readonly changes: readonly TaskChange[];
}

/** Above this a value is kept in the database and messages name it. */
const mostInlineBytes = 64 * 1024;

/** Topic of the requests of a pool. */
const requestTopics: ReadonlyMap<string, string> = new Map(
  workflowPools.map((pool) => [pool, `workflow.task.requested.${pool}.v1`] as const),
);
export const requestTopicOf = (pool: string): string => requestTopics.get(pool) ?? topics.taskReported.name;

function projectedOf({ row, plan, after, sorted, changes }: SortedRun, payloads: PayloadRow[]): ProjectedTask[] {
  const { runId, workflow, priority } = row;
  return changes.map((change) => {
    const effect = change.state === 'queued' ? sorted.enqueued.get(partKeyOf({ task: change.planned.name, part: change.part })) : undefined;
    if (!effect) return { runId, workflow, priority, change, request: null };
    const request = requestOf(change.planned, effect, { ...after, version: plan.version });
    if (request.input.length <= mostInlineBytes) return { runId, workflow, priority, change, request: { ...request, inputRef: null } };
    const payloadId = randomUUID();
    payloads.push({ payloadId, runId, body: request.input });
    return { runId, workflow, priority, change, request: { ...request, input: '', inputRef: payloadId } };
  });
}

const stopMessage = (
  pool: string,
  about: Pick<TaskRequested, 'runId' | 'workflow' | 'version' | 'task' | 'part' | 'epoch' | 'batchId'>,
): OutboxMessage => ({
  topic: requestTopicOf(pool),
  key: requestKeyOf(about),
  value: { ...about, kind: 'cancel', messageId: randomUUID() },
});

interface Stops {
  readonly messages: readonly OutboxMessage[];
  /** Nobody but us can say that what no worker was asked for has stopped. */
  readonly stopped: readonly TimerRow[];
}

const stoppedInput = (runId: string, { task, part, epoch }: { task: string; part: number; epoch: number }, nowMs: number): TimerRow => ({
  runId,
  timer: `stopped/${task}/${part}/${epoch}`,
  atMs: nowMs,
  key: { input: { kind: 'stopped', task, part, epoch } },
});

/** Workers that have what was withdrawn are told to stop; so are those who work on what nobody wants any more. */
async function stopWithdrawn(transaction: Transaction, runs: readonly SortedRun[], nowMs: number): Promise<Stops> {
  const withdrawn = runs.flatMap(({ row, sorted }) => sorted.withdrawn.map((effect) => ({ runId: row.runId, ...effect })));
  const places = await lockParts(transaction, withdrawn);
  const messages: OutboxMessage[] = [];
  const stopped: TimerRow[] = [];
  for (const run of runs) {
    const { runId, workflow, version, batchId } = run.row;
    for (const effect of run.sorted.unasked) stopped.push(stoppedInput(runId, effect, nowMs));
    for (const effect of run.sorted.withdrawn) {
      const { task, part, epoch } = effect;
      const place = places.find((one) => one.runId === runId && one.task === task && one.part === part && one.epoch === epoch);
      if (!place?.pool || place.state === 'queued') stopped.push(stoppedInput(runId, effect, nowMs));
      else messages.push(stopMessage(place.pool, { runId, workflow, version, batchId, task, part, epoch }));
    }
    for (const { input, step, plan } of run.taken) {
      // Who was given up may still be at work; who begins late works for nobody.
      const isUnwanted = (input.kind === 'started' && step.ignored !== null) || (input.kind === 'lost' && step.ignored === null);
      if (!isUnwanted) continue;
      const { task, part, epoch } = input;
      const pool = plan.tasks.find(({ name }) => name === task)?.pool;
      if (pool) messages.push(stopMessage(pool, { runId, workflow, version, batchId, task, part, epoch }));
    }
  }
  return { messages, stopped };
}

const timersOf = ({ row, sorted }: SortedRun): { set: TimerRow[]; cleared: { runId: string; timer: string }[] } => {
  const set: TimerRow[] = [];
  const cleared: { runId: string; timer: string }[] = [];
  for (const [timer, due] of sorted.timers) {
    if (due) set.push({ runId: row.runId, timer, atMs: Math.ceil(due.atMs), key: { timer: due.timer } });
    else cleared.push({ runId: row.runId, timer });
  }
  return { set, cleared };
};

/** What this step tells other runs: theirs are other locks, so they take it in a transaction of their own. */
function inputsForOthers({ row, sorted }: SortedRun, nowMs: number): TimerRow[] {
  const due: TimerRow[] = sorted.cancelled.map(({ childRunId }) => ({
    runId: childRunId,
    timer: `cancel/${row.runId}`,
    atMs: nowMs,
    key: { input: { kind: 'cancel', by: `run ${row.runId}`, reason: 'The run that started it was cancelled.' } },
  }));
  const { ended } = sorted;
  if (ended && row.parentRunId !== null && row.parentTask !== null) {
    const input = {
      kind: 'child-ended',
      task: row.parentTask,
      part: row.parentPart ?? 0,
      childRunId: row.runId,
      ...pickEnd(ended),
    } as const;
    due.push({ runId: row.parentRunId, timer: `child/${row.runId}`, atMs: nowMs, key: { input } });
  }
  return due;
}

const pickEnd = ({ status, result }: NonNullable<SortedEffects['ended']>) => ({ status, result });

function approvalsOf({ row, sorted, taken }: SortedRun): ApprovalChange[] {
  const runId = row.runId;
  const changes = new Map<string, ApprovalChange>();
  const none = { message: '', approvers: [] };
  for (const [task, effect] of sorted.approvals) {
    const asked = effect.kind === 'ask-approval';
    changes.set(task, { runId, task, ...(asked ? effect : none), decision: asked ? null : 'withdrawn', by: null, reason: null });
  }
  for (const { input, step } of taken) {
    if ((input.kind !== 'approved' && input.kind !== 'declined') || step.ignored !== null) continue;
    changes.set(input.task, { runId, task: input.task, ...none, decision: input.kind, by: input.by, reason: input.reason });
  }
  return [...changes.values()].map(({ runId, task, message, approvers, decision, by, reason }) => ({
    runId,
    task,
    message,
    approvers,
    decision,
    by,
    reason,
  }));
}

const endedOf = ({ row, sorted, after }: SortedRun): EndedRun[] =>
  sorted.ended
    ? [
        {
          runId: row.runId,
          workflow: row.workflow,
          version: after.version,
          scheduleId: row.scheduleId,
          scheduledForMs: row.scheduledForMs,
          trigger: row.trigger,
          ...pickEnd(sorted.ended),
        },
      ]
    : [];

const fallenOf = ({ row, sorted }: SortedRun): FallenTask[] =>
  sorted.fallen.map(({ task, action, error }) => ({ runId: row.runId, workflow: row.workflow, batchId: row.batchId, task, action, error }));

const heldOf = ({ row, before, after }: SortedRun): { runId: string; reason: string; by: string }[] => {
  if (before === null || before.status === after.status) return [];
  if (after.status === 'paused') return [{ runId: row.runId, reason: 'run_paused', by: after.reason ?? '' }];
  return before.status === 'paused' && after.status === 'running' ? [{ runId: row.runId, reason: 'queued', by: '' }] : [];
};

const eventsOf = ({ row, taken, seq }: SortedRun): SavedEvent[] =>
  taken.map(({ input, plan, step }, place) => ({
    runId: row.runId,
    seq: seq - taken.length + place + 1,
    version: plan.version,
    input,
    ignored: step.ignored,
  }));

const toldOf = ({ row, taken }: SortedRun): ToldStep[] => taken.map((step) => ({ ...step, scheduledForMs: row.scheduledForMs }));

/** The last word of each attempt. */
function progressOf({ row, words }: SortedRun): ProgressRow[] {
  const last = new Map<string, ProgressRow>();
  for (const word of words) {
    const { task, part, epoch, counts } = word;
    last.set(partKeyOf(word), { runId: row.runId, task, part, epoch, counts });
  }
  return [...last.values()];
}

async function saveTasks(transaction: Transaction, runs: readonly SortedRun[], leaseMs: number): Promise<Set<WorkflowPool>> {
  const payloads: PayloadRow[] = [];
  const tasks = runs.flatMap((run) => projectedOf(run, payloads));
  await keepPayloads(transaction, payloads);
  const idle = tasks
    .filter(({ change }) => change.planned.pool !== null && change.epoch > 0 && !isWithWorker(change))
    .map(({ runId, change }) => ({ runId, task: change.planned.name, part: change.part }));
  const changed = runs.filter(({ taken }) => taken.length > 0);
  const saved = changed.map(({ row, seq, after }) => ({ runId: row.runId, seq, version: after.version, state: after }));
  const freed = await writeSteps(transaction, { events: runs.flatMap(eventsOf), runs: saved, tasks, idle }, leaseMs);
  await tellProgress(transaction, runs.flatMap(progressOf));
  const held = runs.flatMap(heldOf);
  await holdQueued(transaction, held);
  if (held.length > 0) return new Set(workflowPools);
  const queued = tasks.filter(({ request }) => request !== null).map(({ change }) => change.planned.pool);
  return new Set([...freed, ...queued] as WorkflowPool[]);
}

/** Writes all that steps changed, in few statements of many rows. */
export async function saveSteps(
  transaction: Transaction,
  { runs, rows, nowMs }: { readonly runs: readonly RunSteps[]; readonly rows: ReadonlyMap<string, RunRow>; readonly nowMs: number },
  { hooks, leaseMs, claimMs }: SaveOptions,
): Promise<SavedSteps> {
  const sorted = runs.map((run): SortedRun => ({
    ...run,
    row: rows.get(run.run.runId) as RunRow,
    sorted: sortEffects(run.effects),
    changes: projectRun(run.plan, run as { before: typeof run.before; after: typeof run.after }, run.effects),
  }));
  const stops = await stopWithdrawn(transaction, sorted, nowMs);
  const pools = await saveTasks(transaction, sorted, leaseMs);
  const timers = sorted.map(timersOf);
  const others = [...stops.stopped, ...sorted.flatMap((run) => inputsForOthers(run, nowMs))];
  await clearTimers(
    transaction,
    timers.flatMap(({ cleared }) => cleared),
  );
  await setTimers(transaction, [...timers.flatMap(({ set }) => set), ...others]);
  await changeApprovals(transaction, sorted.flatMap(approvalsOf));
  const told = hooks.tell?.(sorted.flatMap(toldOf)) ?? [];
  const messages = await putOut(transaction, [...stops.messages, ...told], claimMs);
  const fallen = sorted.flatMap(fallenOf);
  if (fallen.length > 0) await hooks.fellBack?.(transaction, fallen);
  const ended = sorted.flatMap(endedOf);
  if (ended.length > 0) await hooks.ended?.(transaction, ended);
  const children = sorted.flatMap(({ row, sorted: { started } }) => started.map((effect) => ({ row, effect })));
  // What the hook began stands in queues that we were not told of.
  const everywhere = ended.length > 0 && hooks.ended !== undefined;
  return { messages, pools: everywhere ? new Set(workflowPools) : pools, hasDue: others.length > 0, children };
}
