import { countedTopics, ownImbalance, writtenTo, type StageTotals } from '@vigil/contracts';

/** A group on a partition: how far it has read, and how far there is to read. */
export interface ReaderPosition {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly position: number;
  readonly end: number;
}

/** One look at the fleet: positions first, the ledger after them. */
export interface Look {
  readonly atMs: number;
  readonly positions: readonly ReaderPosition[];
  readonly totals: readonly StageTotals[];
}

/** An account that has not balanced for longer than anything is in flight. */
export interface Imbalance {
  readonly stage: string;
  readonly topic: string;
  /** Records missing or too many, at least. */
  readonly unaccounted: number;
  readonly sinceMs: number;
}

/** What is carried from look to look. */
export interface Reconciliation {
  readonly looks: readonly Look[];
  /** Per stage and topic: since when it has not balanced. */
  readonly since: ReadonlyMap<string, number>;
  /** What a ledger whose beginning is gone already owed or had too much, per stage and topic; null = it is whole. */
  readonly base: ReadonlyMap<string, number> | null;
}

export interface Judgement {
  readonly next: Reconciliation;
  readonly imbalances: readonly Imbalance[];
  /** Stage and topic pairs found balanced: a trouble told about them is over. */
  readonly balanced: ReadonlySet<string>;
  /** Those among them that balanced while nothing moved: exactly, not only as far as can be told in a flow. */
  readonly settled: ReadonlySet<string>;
}

export const nameOf = (stage: string, topic: string): string => `${stage}|${topic}`;

/** @param isWhole  whether the ledger still has its first row */
export const startReconciliation = (isWhole: boolean): Reconciliation => ({
  looks: [],
  since: new Map(),
  base: isWhole ? null : new Map(),
});

const totalOf = ({ totals }: Look, stage: string, topic: string): StageTotals | undefined =>
  totals.find((total) => total.stage === stage && total.topic === topic);

/** Whether `stage` has read all that stood in `topic` at the look before. */
function hasPassed(before: Look, now: Look, stage: string, topic: string): boolean {
  const isOwn = (position: ReaderPosition): boolean => position.group === stage && position.topic === topic;
  const ends = new Map(before.positions.filter(isOwn).map(({ partition, end }) => [partition, end]));
  const own = now.positions.filter(isOwn);
  return own.length > 0 && own.every(({ partition, position }) => position >= (ends.get(partition) ?? Number.POSITIVE_INFINITY));
}

interface Bounds {
  /** Written, read past, and yet not consumed: at least so many. */
  readonly missing: number;
  /** Consumed, and yet not written: at least so many. */
  readonly excess: number;
}

/**
 * What cannot be explained by records in flight. A reader that passed every offset that stood there one look ago has
 * consumed all that was written by the look before it; and it cannot have consumed by then what is not written now.
 */
function boundsOf([first, second, third]: readonly [Look, Look, Look], stage: string, topic: string, base: number): Bounds {
  const written = (look: Look): number => writtenTo(look.totals).get(topic) ?? 0;
  const consumed = (look: Look): number => totalOf(look, stage, topic)?.consumed ?? 0;
  return {
    missing: Math.max(0, written(first) - consumed(third) - base),
    excess: Math.max(0, consumed(second) - written(third) + base),
  };
}

const readersOf = ({ positions, totals }: Look): ReadonlyMap<string, { readonly stage: string; readonly topic: string }> =>
  new Map([
    ...positions.map(({ group, topic }) => [nameOf(group, topic), { stage: group, topic }] as const),
    ...totals.map(({ stage, topic }) => [nameOf(stage, topic), { stage, topic }] as const),
  ]);

/** Nothing moved between two looks: only then can an old debt be told from records in flight. */
const isQuiet = (looks: readonly Look[], stage: string, topic: string): boolean => {
  const figures = looks.map((look) => `${writtenTo(look.totals).get(topic) ?? 0}|${totalOf(look, stage, topic)?.consumed ?? 0}`);
  return new Set(figures).size === 1;
};

function unaccountedOf(looks: readonly [Look, Look, Look], stage: string, topic: string, base: number | undefined): number | null {
  const [, second, third] = looks;
  const total = totalOf(third, stage, topic);
  const own = total === undefined ? 0 : ownImbalance(total);
  if (!countedTopics.has(topic) || base === undefined) return own;
  if (!hasPassed(second, third, stage, topic)) return own > 0 ? own : null;
  const { missing, excess } = boundsOf(looks, stage, topic, base);
  return own + missing + excess;
}

/**
 * Judges the fleet after another look. A stage that is behind is not judged: what it has not read is in flight, however
 * long. One that is not balanced becomes an imbalance after `patienceMs`, in which late ledger rows of sinks arrive.
 */
export function reconcile(before: Reconciliation, look: Look, patienceMs: number): Judgement {
  const looks = [...before.looks, look].slice(-3);
  const [first, second, third] = looks;
  if (!first || !second || !third) return { next: { ...before, looks }, imbalances: [], balanced: new Set(), settled: new Set() };

  const base = before.base && new Map(before.base);
  const since = new Map<string, number>();
  const balanced = new Set<string>();
  const settled = new Set<string>();
  const imbalances: Imbalance[] = [];
  for (const [name, { stage, topic }] of readersOf(third)) {
    if (base && !base.has(name) && isQuiet(looks, stage, topic) && hasPassed(second, third, stage, topic)) {
      base.set(name, (writtenTo(third.totals).get(topic) ?? 0) - (totalOf(third, stage, topic)?.consumed ?? 0));
    }
    const unaccounted = unaccountedOf([first, second, third], stage, topic, base ? base.get(name) : 0);
    if (unaccounted === 0) balanced.add(name);
    if (unaccounted === 0 && isQuiet(looks, stage, topic)) settled.add(name);
    if (unaccounted === null || unaccounted === 0) continue;
    const sinceMs = before.since.get(name) ?? look.atMs;
    since.set(name, sinceMs);
    if (look.atMs - sinceMs >= patienceMs) imbalances.push({ stage, topic, unaccounted, sinceMs });
  }
  return { next: { looks, since, base }, imbalances, balanced, settled };
}
