import type { BatchProgressed } from '../generated/types.ts';

type Row = Pick<BatchProgressed, 'firstOffset' | 'lastOffset' | 'consumed' | 'committedAt'>;

/** What one commit accounts for of one partition: its rows, one a batch id, overlap. */
export interface CommitRange {
  readonly first: number;
  readonly last: number;
  /** Null where a rewind cut the commit, so that nobody can tell how many of its records are left. */
  readonly consumed: number | null;
}

const rangeOf = (rows: readonly Row[]): CommitRange => ({
  first: Math.min(...rows.map(({ firstOffset }) => firstOffset)),
  last: Math.max(...rows.map(({ lastOffset }) => lastOffset)),
  consumed: rows.reduce((sum, { consumed }) => sum + consumed, 0),
});

/** Commits whose rows do not meet are several of the same millisecond. */
function rangesOfInstant(rows: readonly Row[]): CommitRange[] {
  const ranges: CommitRange[] = [];
  let together: Row[] = [];
  for (const row of rows.toSorted((a, b) => a.firstOffset - b.firstOffset)) {
    if (together.length > 0 && row.firstOffset > rangeOf(together).last) {
      ranges.push(rangeOf(together));
      together = [];
    }
    together.push(row);
  }
  return together.length > 0 ? [...ranges, rangeOf(together)] : ranges;
}

/** What is left of a commit after the sink was rewound to `offset`. */
const cutAt = (range: CommitRange, offset: number): readonly CommitRange[] => {
  if (range.last < offset) return [range];
  return range.first < offset ? [{ first: range.first, last: offset - 1, consumed: null }] : [];
};

/**
 * Adds the rows of one partition up by commit, in the order of the log.
 *
 * @param rewindable  a later commit that begins again further ahead takes the place of what was there
 */
export function commitRanges(rows: readonly Row[], rewindable: boolean): readonly CommitRange[] {
  const instants = [...Map.groupBy(rows, ({ committedAt }) => committedAt)].sort(([a], [b]) => a - b);
  let ranges: CommitRange[] = [];
  let end = -1;
  for (const [, ofInstant] of instants) {
    const added = rangesOfInstant(ofInstant);
    const from = added[0]?.first ?? 0;
    if (rewindable && end >= from) ranges = ranges.flatMap((range) => cutAt(range, from));
    ranges.push(...added);
    end = added.at(-1)?.last ?? end;
  }
  return ranges.sort((a, b) => a.first - b.first || a.last - b.last);
}
