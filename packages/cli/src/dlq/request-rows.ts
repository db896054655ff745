import type { EntryFilter } from './entry-filter.ts';

export type RequestAction = 'requeue' | 'discard';
export type RequestState = 'pending' | 'approved' | 'done' | 'declined';
export type EntryState = 'claimed' | 'requeued' | 'discarded';

/** A request to send quarantined records back, or to discard them. */
export interface DlqRequest {
  readonly id: string;
  readonly action: RequestAction;
  readonly topic: string;
  readonly topicId: string;
  readonly filter: EntryFilter;
  readonly reason: string;
  readonly records: number;
  readonly selectionHash: string;
  /** SHA-256 of the edited value; null = the records go back as they are. */
  readonly editHash: string | null;
  readonly state: RequestState;
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly decidedBy: string | null;
  readonly decidedAt: string | null;
  readonly finishedAt: string | null;
  /** How many of its records were sent back or discarded so far. */
  readonly settled: number;
}

export interface RequestRow {
  readonly request_id: string;
  readonly action: RequestAction;
  readonly topic: string;
  readonly topic_id: string;
  readonly filter: EntryFilter;
  readonly reason: string;
  readonly records: number;
  readonly selection_hash: string;
  readonly edit_hash: string | null;
  readonly state: RequestState;
  readonly requested_by: string;
  readonly requested_at: Date;
  readonly decided_by: string | null;
  readonly decided_at: Date | null;
  readonly finished_at: Date | null;
  readonly settled: number;
}

export const requestOf = (row: RequestRow): DlqRequest => ({
  id: row.request_id,
  action: row.action,
  topic: row.topic,
  topicId: row.topic_id,
  filter: row.filter,
  reason: row.reason,
  records: row.records,
  selectionHash: row.selection_hash,
  editHash: row.edit_hash,
  state: row.state,
  requestedBy: row.requested_by,
  requestedAt: row.requested_at.toISOString(),
  decidedBy: row.decided_by,
  decidedAt: row.decided_at?.toISOString() ?? null,
  finishedAt: row.finished_at?.toISOString() ?? null,
  settled: row.settled,
});
