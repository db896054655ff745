import type { TaskResult, TaskError, RunInput } from '@vigil/workflows';

export interface PartRef {
  readonly runId: string;
  readonly task: string;
  readonly part: number;
  readonly epoch: number;
}

export type Request = PartRef & { readonly kind: 'run' | 'cancel'; readonly attempt: number };

export type Report =
  | (PartRef & { readonly kind: 'started'; readonly messageId: string; readonly attempt: number; readonly worker: string })
  | (PartRef & { readonly kind: 'progressed'; readonly messageId: string })
  | (PartRef & { readonly kind: 'succeeded'; readonly messageId: string; readonly result: TaskResult })
  | (PartRef & { readonly kind: 'failed'; readonly messageId: string; readonly error: TaskError })
  | (PartRef & { readonly kind: 'stopped'; readonly messageId: string })
  | { readonly kind: 'heartbeat'; readonly leases: readonly PartRef[] };

export const partName = ({ runId, task, part }: Pick<PartRef, 'runId' | 'task' | 'part'>): string => `${runId}/${task}/${part}`;

export const attemptName = (ref: PartRef): string => `${partName(ref)}@${ref.epoch}`;

export function inputOf(report: Exclude<Report, { readonly kind: 'heartbeat' }>, atMs: number): RunInput {
  const { task, part, epoch } = report;
  const ref = { atMs, task, part, epoch };
  switch (report.kind) {
    case 'started':
      return { ...ref, kind: 'started', attempt: report.attempt, worker: report.worker };
    case 'progressed':
      return { ...ref, kind: 'progressed', counts: {}, health: 'ok' };
    case 'succeeded':
      return { ...ref, kind: 'succeeded', result: report.result };
    case 'failed':
      return { ...ref, kind: 'failed', error: report.error };
    case 'stopped':
      return { ...ref, kind: 'stopped' };
  }
}
