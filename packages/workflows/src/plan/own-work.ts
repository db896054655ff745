import type { PlannedTask } from './run-plan.ts';

/** What the reducer does itself for a task that no worker runs; `worker` = it asks for one. */
export type OwnWork =
  | { readonly kind: 'worker' }
  | { readonly kind: 'workflow'; readonly workflow: string; readonly parameters: Readonly<Record<string, unknown>> }
  | { readonly kind: 'approval'; readonly message: string; readonly approvers: readonly string[] }
  /** `untilMs` counts from 1970; without it the wait is `forMs` from when the task is due. */
  | { readonly kind: 'wait'; readonly forMs: number; readonly untilMs: number | null };

type Fields = Readonly<Record<string, unknown>>;

const textOf = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);
const recordOf = (value: unknown): Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Fields) : {};

function waitOf(spec: Fields): OwnWork {
  const until = typeof spec.until === 'string' ? Date.parse(spec.until) : Number.NaN;
  const forMs = typeof spec.for === 'number' && spec.for > 0 ? spec.for : 0;
  return { kind: 'wait', forMs, untilMs: Number.isNaN(until) ? null : until };
}

/**
 * Reads the fields of a task as written: `workflow` {workflow, parameters}, `approval` {message, approvers},
 * `wait` {for: milliseconds | until: RFC 3339}. Total: a field of another shape counts as absent, the schema of definitions refuses it earlier.
 */
export function ownWorkOf(task: PlannedTask): OwnWork {
  const spec = task.spec as Fields;
  switch (task.type as string) {
    case 'workflow':
      return { kind: 'workflow', workflow: textOf(spec.workflow, ''), parameters: recordOf(spec.parameters) };
    case 'approval':
      return {
        kind: 'approval',
        message: textOf(spec.message, ''),
        approvers: Array.isArray(spec.approvers) ? spec.approvers.map(String) : [],
      };
    case 'wait':
      return waitOf(spec);
    default:
      return { kind: 'worker' };
  }
}
