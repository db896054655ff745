import { readLsn, writeLsn, type Lsn } from './lsn.ts';

/** Where a reader of changes stands. */
export type ChangePosition =
  | { readonly kind: 'snapshot' }
  /** Behind the change `ordinal` (from 1) of the transaction whose commit stands at `commit`; `end` behind its last one. */
  | { readonly kind: 'change'; readonly commit: Lsn; readonly ordinal: number; readonly end: Lsn | null };

/** A snapshot, and so a new slot, is due. Told apart from places within a snapshot: these are acknowledged late. */
export const snapshotDue = 'snapshot due';

export function writePosition(position: ChangePosition): string {
  if (position.kind === 'snapshot') return 'snapshot';
  const { commit, ordinal, end } = position;
  return `${writeLsn(commit)} ${ordinal}${end === null ? '' : ` ${writeLsn(end)}`}`;
}

/** Null = at the beginning. */
export function readPosition(text: string | null): ChangePosition | null {
  if (text === null || text === '') return null;
  if (text === 'snapshot' || text === snapshotDue) return { kind: 'snapshot' };
  const [commit = '', ordinal = '', end] = text.split(' ');
  return { kind: 'change', commit: readLsn(commit), ordinal: Number(ordinal), end: end === undefined ? null : readLsn(end) };
}

/** Whether a reader at `position` has had this change already. */
export const isBehind = (position: ChangePosition | null, commit: Lsn, ordinal: number): boolean =>
  position?.kind === 'change' && (commit < position.commit || (commit === position.commit && ordinal <= position.ordinal));
