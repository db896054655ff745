import { commitRanges, topics, type BatchProgressed, type CommitRange, type Topic } from '@vigil/contracts';

export interface LogPlace {
  readonly topic: string;
  readonly partition: number;
}

/** A part of a partition that every stage that reads it has accounted for: from `from`, before `end`. */
export interface AccountedStretch extends LogPlace {
  readonly from: number;
  readonly end: number;
}

/** Records of which the account of a stage is wrong, beyond doubt. */
export interface AuditFinding {
  readonly stage: string;
  readonly topic: string;
  /** Passed over, or counted other than they stand in the log. */
  readonly records: number;
}

/** Holds what stands in the log against what each stage says that it did with it, record by record, while both go on. */
export interface CommitAudit {
  /** Takes ledger rows in the order of the ledger. What lies before the first row of a stage is not judged. */
  readonly enter: (row: BatchProgressed) => void;
  /** What can be held against the log now. */
  readonly stretches: () => readonly AccountedStretch[];
  /** The records of a stretch or of its beginning, in order; the next one begins behind it. */
  readonly hold: (stretch: AccountedStretch, offsets: readonly number[]) => readonly AuditFinding[];
  /** The log does not hold this place any more: it is judged again from what comes next. */
  readonly forget: (place: LogPlace) => void;
}

interface Reader {
  readonly stage: string;
  /** Rows of the newest commit: another row of it may follow. */
  newest: BatchProgressed[];
  ranges: CommitRange[];
  /** Where judging begins; null until its first whole commit is known. */
  begin: number | null;
  /** End of the last range that was taken. */
  taken: number;
  /** Records of the first range so far. */
  counted: number;
}

interface Partition extends LogPlace {
  /** Null until something was held against the log. */
  from: number | null;
  readonly readers: Map<string, Reader>;
}

/** A stage so many commits ahead of the slowest waits no longer; the slowest is judged again from where it will be. */
const mostPending = 2000;
/** More than an hour of commits of which nobody looks at the log: then even the fastest begins anew. */
const mostHeld = 50_000;

/** Of these no record is taken away before it is read: what the log holds is what was written. */
const catalogue: readonly Topic[] = Object.values(topics);
const audited: ReadonlySet<string> = new Set(catalogue.filter(({ cleanup }) => cleanup === 'delete').map(({ name }) => name));

const nameOf = ({ topic, partition }: LogPlace): string => `${topic}/${partition}`;
const beginAnew = (stage: string): Reader => ({ stage, newest: [], ranges: [], begin: null, taken: -1, counted: 0 });

/** A commit that begins behind what was taken is told again, or loaded again after a rewind. */
function takeCommit(reader: Reader, from: number | null): Reader {
  let next = reader;
  for (const range of commitRanges(reader.newest, false)) {
    const begin = Math.max(next.taken + 1, next.begin === null ? (from ?? 0) : 0);
    if (range.first >= begin) {
      next.begin ??= range.first;
      next.taken = range.last;
      next.ranges.push(range);
    } else if (range.last >= begin) next = { ...beginAnew(reader.stage), taken: range.last };
  }
  return { ...next, newest: [] };
}

/** @returns how many records are not accounted for as they stand */
function judge(reader: Reader, offsets: readonly number[], end: number): number {
  let wrong = 0;
  const close = (): void => {
    const { consumed } = reader.ranges.shift() as CommitRange;
    if (consumed !== null) wrong += Math.abs(consumed - reader.counted);
    reader.counted = 0;
  };
  for (const offset of offsets) {
    if (reader.begin === null || offset < reader.begin) continue;
    while (reader.ranges[0] && offset > reader.ranges[0].last) close();
    if (reader.ranges[0] && offset >= reader.ranges[0].first) reader.counted++;
    else wrong++;
  }
  while (reader.ranges[0] && reader.ranges[0].last < end) close();
  return wrong;
}

function forgetSlowest({ readers }: Partition): void {
  const all = [...readers.values()];
  const pending = Math.max(...all.map(({ ranges }) => ranges.length));
  if (pending < mostPending) return;
  const least = Math.min(...all.map(({ taken }) => taken));
  const isBehind = all.some(({ taken }) => taken > least);
  for (const { stage, taken } of all) if ((isBehind && taken === least) || pending > mostHeld) readers.delete(stage);
}

function stretchOf({ topic, partition, from, readers }: Partition): readonly AccountedStretch[] {
  const all = [...readers.values()];
  // Who has told nothing new is waited for.
  if (all.length === 0 || all.some(({ ranges }) => ranges.length === 0)) return [];
  const end = Math.min(...all.map(({ taken }) => taken)) + 1;
  const begin = from ?? Math.min(...all.map((reader) => reader.begin ?? end));
  return begin < end ? [{ topic, partition, from: begin, end }] : [];
}

export function createCommitAudit(): CommitAudit {
  const partitions = new Map<string, Partition>();
  return {
    enter(row) {
      if (row.subStage !== '' || !audited.has(row.topic)) return;
      const place = { topic: row.topic, partition: row.partition };
      const held = partitions.get(nameOf(place)) ?? { ...place, from: null, readers: new Map<string, Reader>() };
      partitions.set(nameOf(place), held);
      const known = held.readers.get(row.stage) ?? beginAnew(row.stage);
      const isOfNewest = known.newest.length === 0 || known.newest[0]?.committedAt === row.committedAt;
      const reader = isOfNewest ? known : takeCommit(known, held.from);
      reader.newest.push(row);
      held.readers.set(row.stage, reader);
      forgetSlowest(held);
    },
    stretches: () => [...partitions.values()].flatMap(stretchOf),
    forget: (place) => void partitions.delete(nameOf(place)),
    hold({ topic, partition, end }, offsets) {
      const held = partitions.get(nameOf({ topic, partition }));
      if (!held) return [];
      held.from = end;
      return [...held.readers.values()].flatMap((reader) => {
        const records = judge(reader, offsets, end);
        return records > 0 ? [{ stage: reader.stage, topic, records }] : [];
      });
    },
  };
}
