import type { BatchProgressed } from '../generated/types.ts';

/** What a rewind made void of what was entered before: to be taken off the totals. */
export type VoidRow = Pick<BatchProgressed, 'consumed' | 'processed' | 'late' | 'lateCorrected' | 'duplicate' | 'rejected' | 'suppressed' | 'outputs'>; // prettier-ignore

/** Follows the rows of one sink for one partition. */
export interface RewoundRows {
  /** Takes the next row; answers what became void by it. */
  enter(row: BatchProgressed): readonly VoidRow[];
  /** A rewind reached back behind what is remembered: the totals are too high. */
  hasLostTrack(): boolean;
}

const nothing: readonly VoidRow[] = Object.freeze([]);

/**
 * The part of a row from `offset` on. Only where each offset held a record and all had one disposition can it be told;
 * elsewhere the row stays whole, and the ledger does not balance rather than guess.
 */
function cutFrom(row: BatchProgressed, offset: number): { readonly left: BatchProgressed; readonly gone: VoidRow } | null {
  const { firstOffset, lastOffset, consumed, processed } = row;
  if (consumed !== lastOffset - firstOffset + 1 || processed !== consumed) return null;
  const kept = offset - firstOffset;
  const gone = consumed - kept;
  return {
    left: { ...row, lastOffset: offset - 1, consumed: kept, processed: kept },
    gone: { ...row, consumed: gone, processed: gone, outputs: {} },
  };
}

/**
 * A sink may be rewound: its rows from an offset on are deleted and loaded again. A row that begins at or before the end
 * of earlier commits tells so, and what was entered from its offset on does not count any more. Rows of one commit
 * overlap without a rewind: they part the records by batch id.
 */
export function createRewoundRows(rememberRows: number): RewoundRows {
  let rows: BatchProgressed[] = [];
  let commit = Number.NEGATIVE_INFINITY;
  let end = -1;
  let endOfEarlier = -1;
  let forgottenTo = -1;
  let lostTrack = false;

  const rewindTo = (offset: number): readonly VoidRow[] => {
    lostTrack ||= offset <= forgottenTo;
    const gone: VoidRow[] = [];
    rows = rows.flatMap((row) => {
      if (row.committedAt === commit || row.lastOffset < offset) return [row];
      const cut = row.firstOffset < offset ? cutFrom(row, offset) : { gone: row };
      if (cut === null) return [row];
      gone.push(cut.gone);
      return 'left' in cut ? [cut.left] : [];
    });
    endOfEarlier = offset - 1;
    return gone;
  };

  return {
    enter(row) {
      if (row.committedAt > commit) {
        endOfEarlier = end;
        commit = row.committedAt;
      }
      const gone = row.committedAt === commit && row.firstOffset <= endOfEarlier ? rewindTo(row.firstOffset) : nothing;
      end = gone.length > 0 ? row.lastOffset : Math.max(end, row.lastOffset);
      rows.push(row);
      // Half at a time: to take one from the front of an array moves all others.
      if (rows.length > rememberRows * 2) {
        forgottenTo = Math.max(forgottenTo, ...rows.slice(0, rememberRows).map(({ lastOffset }) => lastOffset));
        rows = rows.slice(rememberRows);
      }
      return gone;
    },
    hasLostTrack: () => lostTrack,
  };
}
