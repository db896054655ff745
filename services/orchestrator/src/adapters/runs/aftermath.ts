import type { WorkflowPool } from '@vigil/contracts';
import type { RunState } from '@vigil/workflows';
import type { ClaimedMessage } from './outbox-rows.ts';

/** A run as a transaction left it. */
export interface LeftRun {
  readonly runId: string;
  readonly seq: number;
  readonly after: RunState;
}

/** What is to be done after the commit. */
export interface Aftermath {
  readonly messages: readonly ClaimedMessage[];
  /** Pools in which something was queued or given back. */
  readonly pools: ReadonlySet<WorkflowPool>;
  /** Inputs of other runs wait to be taken. */
  readonly hasDue: boolean;
  readonly left: readonly LeftRun[];
}

export const noAftermath: Aftermath = { messages: [], pools: new Set(), hasDue: false, left: [] };

/** Of several pieces of work, in their order. */
export const joinAftermaths = (all: readonly Aftermath[]): Aftermath => ({
  messages: all.flatMap(({ messages }) => messages),
  pools: new Set(all.flatMap(({ pools }) => [...pools])),
  hasDue: all.some(({ hasDue }) => hasDue),
  left: all.flatMap(({ left }) => left),
});
