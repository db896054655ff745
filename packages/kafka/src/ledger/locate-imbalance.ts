import { commitRanges, mayBeRewound, type BatchProgressed, type CommitRange } from '@vigil/contracts';
import { openLedger, type LedgerSources } from './read-ledger.ts';
import { readStretch } from './read-partition.ts';

/**
 * - `dispositions`  a commit consumed other than the sum of its dispositions
 * - `twice`         two commits account for this offset
 * - `unclaimed`     a record that no commit accounts for
 * - `miscounted`    a commit accounts for more or fewer records than its stretch of the log holds
 */
export type ImbalanceReason = 'dispositions' | 'twice' | 'unclaimed' | 'miscounted';

/** The first offset of a partition at which a stage's account breaks. */
export interface ImbalancePlace {
  readonly stage: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly reason: ImbalanceReason;
}

type Found = Pick<ImbalancePlace, 'offset' | 'reason'>;

const undisposed = (row: BatchProgressed): boolean =>
  row.consumed !== row.processed + row.late + row.duplicate + row.rejected + row.suppressed;

/** What can be told from the rows alone. */
function breakInRows(rows: readonly BatchProgressed[], ranges: readonly CommitRange[]): Found | null {
  const odd = rows.filter(undisposed).map(({ firstOffset }) => firstOffset);
  const overlap = ranges.find(({ first }, index) => index > 0 && first <= (ranges[index - 1] as CommitRange).last);
  const found: Found[] = odd.map((offset) => ({ offset, reason: 'dispositions' }));
  if (overlap) found.push({ offset: overlap.first, reason: 'twice' });
  return earliest(found);
}

const earliest = (found: readonly Found[]): Found | null =>
  found.reduce<Found | null>((first, next) => (first === null || next.offset < first.offset ? next : first), null);

/** Holds the records of the log, in order, against the commits that should account for them. */
function createLogCheck(ranges: readonly CommitRange[]): { readonly onRecord: (offset: number) => void; readonly end: () => Found | null } {
  const found: Found[] = [];
  let at = 0;
  let counted = 0;
  const closeRange = (): void => {
    const range = ranges[at] as CommitRange;
    if (range.consumed !== null && counted !== range.consumed) found.push({ offset: range.first, reason: 'miscounted' });
    at++;
    counted = 0;
  };
  return {
    onRecord(offset) {
      while (at < ranges.length && offset > (ranges[at] as CommitRange).last) closeRange();
      const range = ranges[at];
      if (range !== undefined && offset >= range.first) counted++;
      else found.push({ offset, reason: 'unclaimed' });
    },
    end() {
      while (at < ranges.length) closeRange();
      return earliest(found);
    },
  };
}

/**
 * Where the account of one stage for one topic breaks first, per partition. Control markers leave holes between commits,
 * so the log itself is read: from the first record that it and the ledger both know, to `position`.
 *
 * @param positions  where the stage stands, per partition: what lies beyond is not owed yet
 */
export async function locateImbalance(
  sources: LedgerSources,
  { stage, topic, positions }: { readonly stage: string; readonly topic: string; readonly positions: readonly number[] },
): Promise<readonly ImbalancePlace[]> {
  const rows = new Map<string, BatchProgressed>();
  const reader = await openLedger({
    ...sources,
    wants: (row) => {
      // A sink that crashed publishes a row again.
      if (row.stage === stage && row.topic === topic && row.subStage === '')
        rows.set(`${row.partition}|${row.firstOffset}|${row.batchId}|${row.committedAt}`, row);
      return false;
    },
  });
  try {
    await reader.catchUp();
  } finally {
    await reader.close();
  }

  const starts = await sources.client.admin.startOffsets(topic);
  const byPartition = Map.groupBy(rows.values(), ({ partition }) => partition);
  const places: ImbalancePlace[] = [];
  for (const [partition, position] of positions.entries()) {
    const own = byPartition.get(partition) ?? [];
    const ranges = commitRanges(own, mayBeRewound(stage));
    const found: Found | null =
      breakInRows(own, ranges) ?? (await breakInLog(sources, { topic, partition, position, start: starts[partition] ?? 0, ranges }));
    if (found) places.push({ stage, topic, partition, ...found });
  }
  return places;
}

async function breakInLog(
  { client }: LedgerSources,
  {
    topic,
    partition,
    position,
    start,
    ranges,
  }: { topic: string; partition: number; position: number; start: number; ranges: readonly CommitRange[] },
): Promise<Found | null> {
  // What retention deleted cannot be counted any more: begin with the first commit that lies whole in the log.
  const whole = start === 0 ? ranges : ranges.filter(({ first }) => first >= start);
  const from = start === 0 ? 0 : (whole[0]?.first ?? position);
  const check = createLogCheck(whole);
  await readStretch(client, { topic, partition, from, end: position }, ({ offset }) => check.onRecord(offset));
  return check.end();
}
