import { taskOf, type Draft } from './draft.ts';
import { stopRun } from './end-run.ts';
import { requestPart } from './request-part.ts';
import { moveRun, rerunFrom } from './restart-run.ts';
import type { RunInput } from './run-input.ts';
import type { PartState, RunState, TaskResult } from './run-state.ts';
import { clearApproval, endTask, failTask } from './settle-task.ts';
import type { Ignored } from './step.ts';
import { taskError } from './task-errors.ts';
import { resultOfParts } from './task-result.ts';
import { takeAttempt, takeChild } from './take-report.ts';
import { takeTimer } from './take-timer.ts';

type Of<Kind extends RunInput['kind']> = Extract<RunInput, { readonly kind: Kind }>;

/** Of a task that did its work before it was held what it gave, else nothing; and who let it pass. */
function approvedResult(parts: readonly PartState[], by: string): TaskResult {
  const { counts, values, ref } = resultOfParts(parts);
  return { counts, values: { ...values, approved_by: by }, ref };
}

function takeDecision(draft: Draft, { kind, task: name, by }: Of<'approved' | 'declined'>): Ignored | null {
  const task = draft.index.taskByName.get(name);
  if (!task) return 'no-such-task';
  if (taskOf(draft, name).status !== 'held') return 'not-now';
  clearApproval(draft, task);
  if (kind === 'approved') endTask(draft, name, { status: 'succeeded', result: approvedResult(taskOf(draft, name).parts, by) });
  else failTask(draft, task, taskError('APPROVAL_DECLINED'));
  return null;
}

function pauseRun({ run }: Draft, { reason }: Of<'pause'>): Ignored | null {
  if (run.status !== 'running') return 'not-now';
  Object.assign(run, { status: 'paused', reason } satisfies Partial<RunState>);
  return null;
}

function resumeRun(draft: Draft): Ignored | null {
  const { run, index } = draft;
  if (run.status !== 'paused') return 'not-now';
  Object.assign(run, { status: 'running', reason: null } satisfies Partial<RunState>);
  // Its time may have run out meanwhile, its timer been spent.
  if (run.deadlineAtMs !== null) draft.effects.push({ kind: 'set-timer', timer: { kind: 'run' }, atMs: run.deadlineAtMs });
  for (const task of index.plan.tasks) {
    draft.due.push(task.name);
    for (const { part, status, retryAtMs } of taskOf(draft, task.name).parts) {
      if (status === 'backing-off' && retryAtMs === null) requestPart(draft, task, part);
    }
  }
  return null;
}

/** Changes the draft as the input says. @returns why the input does not count, or null */
export function takeInput(draft: Draft, input: RunInput): Ignored | null {
  switch (input.kind) {
    case 'requested':
      return 'not-now';
    case 'started':
    case 'progressed':
    case 'succeeded':
    case 'failed':
    case 'stopped':
    case 'lost':
      return takeAttempt(draft, input);
    case 'child-ended':
      return takeChild(draft, input);
    case 'timer':
      return takeTimer(draft, input);
    case 'approved':
    case 'declined':
      return takeDecision(draft, input);
    case 'pause':
      return pauseRun(draft, input);
    case 'resume':
      return resumeRun(draft);
    case 'cancel':
      if (draft.run.status === 'cancelling') return 'not-now';
      stopRun(draft, 'cancelled', input.reason);
      return null;
    case 'rerun':
      if (!draft.index.taskByName.has(input.task)) return 'no-such-task';
      return rerunFrom(draft, input.task) ? null : 'not-now';
    case 'move':
      return input.version === draft.index.plan.version && moveRun(draft) ? null : 'not-now';
  }
}
