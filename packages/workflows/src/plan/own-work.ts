import type { PlannedTask } from './run-plan.ts';

/** What the reducer does itself for a task that no worker runs; `worker` = it asks for one. */
export type OwnWork =
  | { readonly kind: 'worker' }
  | { readonly kind: 'workflow'; readonly workflow: string; readonly parameters: Readonly<Record<string, unknown>> }
  | { readonly kind: 'approval'; readonly message: string; readonly approvers: readonly string[] }
  /** `untilMs` counts from 1970; without it the wait is `forMs` from when the task is due. */
  | { readonly kind: 'wait'; readonly forMs: number; readonly untilMs: number | null };

const worker: OwnWork = { kind: 'worker' };

/** Reads what a task is, as written. A time that cannot be read is over; the schema of definitions refuses it earlier. */
export function ownWorkOf({ spec }: Pick<PlannedTask, 'spec'>): OwnWork {
  switch (spec.type) {
    case 'workflow':
      return { kind: 'workflow', workflow: spec.workflow, parameters: spec.parameters };
    case 'approval':
      return { kind: 'approval', message: spec.message, approvers: spec.approvers };
    case 'wait':
      return { kind: 'wait', forMs: spec.duration ?? 0, untilMs: spec.until === undefined ? null : Date.parse(spec.until) };
    default:
      return worker;
  }
}
