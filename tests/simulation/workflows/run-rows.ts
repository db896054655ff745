import type { RunInput, RunPlan, RunState } from '@vigil/workflows';
import type { PartRef, Request } from './messages.ts';

/** An input with the plan that its step was made with. */
export interface HistoryEntry {
  readonly plan: RunPlan;
  readonly input: RunInput;
  readonly isIgnored: boolean;
}

export interface RunRow {
  readonly runId: string;
  /** Of the version that it is at. */
  plan: RunPlan;
  readonly parent: { readonly runId: string; readonly task: string; readonly part: number } | null;
  readonly history: HistoryEntry[];
  state: RunState | null;
}

export interface PartRow extends PartRef {
  readonly attempt: number;
  state: 'queued' | 'requested' | 'running' | 'stopping';
  leaseUntilMs: number;
}

export interface OutboxRow {
  readonly id: number;
  readonly key: string;
  readonly message: Request;
  claimedUntilMs: number;
}
