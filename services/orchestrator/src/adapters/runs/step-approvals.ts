import type { SortedRun } from './sorted-run.ts';
import type { ApprovalChange } from './wait-rows.ts';

/** What the steps of a run asked of people, took back, and what people said. */
export function approvalsOf({ row, sorted, taken }: SortedRun): ApprovalChange[] {
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
