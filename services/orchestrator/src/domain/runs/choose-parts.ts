/** What a pool has, or what is free of it. */
export interface Capacity {
  readonly slots: number;
  readonly cpu: number;
  readonly memoryMiB: number;
  readonly io: number;
}

/** The size of a pool. */
export interface PoolConfig extends Capacity {
  readonly pool: string;
}

/** A queued part that could be handed out. */
export interface Candidate extends Capacity {
  readonly id: string;
  readonly workflow: string;
  /** 0 to 9, higher first. */
  readonly priority: number;
  readonly queuedAtMs: number;
  /** When its queue (workflow and priority) was last served; null = never. */
  readonly servedAtMs: number | null;
}

export interface ChoiceRules {
  readonly nowMs: number;
  /** A queue that is not served gains one priority each time this passes. */
  readonly ageingMs: number;
  /** Who has waited so long for room lets nobody pass: what is heavy would wait forever behind what is light. */
  readonly reserveAfterMs: number;
}

export interface Choice<Part extends Candidate> {
  readonly chosen: readonly Part[];
  /** The first one that did not fit, if any. */
  readonly stuck: Part | null;
}

/** Tenths do not add up exactly: without it the tenth tenth of a processor does not fit. */
const grain = 1e-4;

const fits = (part: Capacity, free: Capacity): boolean =>
  part.slots <= free.slots && part.cpu <= free.cpu + grain && part.memoryMiB <= free.memoryMiB && part.io <= free.io + grain;

const without = (free: Capacity, part: Capacity): Capacity => ({
  slots: free.slots - part.slots,
  cpu: free.cpu - part.cpu,
  memoryMiB: free.memoryMiB - part.memoryMiB,
  io: free.io - part.io,
});

/** A queue's head, with what the whole queue is ordered by. */
interface Queue<Part> {
  readonly parts: readonly Part[];
  readonly rank: number;
  readonly servedAtMs: number;
  readonly headAtMs: number;
}

/**
 * Waiting counts from when the queue was last served, not from when its part came: a workflow with a backlog of hours is
 * served all the time and must not thereby overtake one that has just asked.
 */
function toQueue<Part extends Candidate>(parts: readonly Part[], { nowMs, ageingMs }: ChoiceRules): Queue<Part> {
  const ordered = parts.toSorted((a, b) => a.queuedAtMs - b.queuedAtMs || (a.id < b.id ? -1 : 1));
  const head = ordered[0] as Part;
  const servedAtMs = head.servedAtMs ?? 0;
  const unservedMs = Math.max(0, nowMs - Math.max(head.queuedAtMs, servedAtMs));
  return { parts: ordered, rank: head.priority + Math.floor(unservedMs / ageingMs), servedAtMs, headAtMs: head.queuedAtMs };
}

/** Queues of one rank take turns: the first part of each, then the second. */
function inTurns<Part>(queues: readonly Queue<Part>[]): readonly Part[] {
  const longest = Math.max(0, ...queues.map(({ parts }) => parts.length));
  return Array.from({ length: longest }, (_, turn) => queues.flatMap(({ parts }) => parts.slice(turn, turn + 1))).flat();
}

/** All candidates in the order in which they go. */
export function orderParts<Part extends Candidate>(candidates: readonly Part[], rules: ChoiceRules): readonly Part[] {
  const queues = [...Map.groupBy(candidates, ({ workflow, priority }) => `${priority} ${workflow}`).values()].map((parts) =>
    toQueue(parts, rules),
  );
  const byRank = Map.groupBy(
    queues.toSorted((a, b) => b.rank - a.rank || a.servedAtMs - b.servedAtMs || a.headAtMs - b.headAtMs),
    ({ rank }) => rank,
  );
  return [...byRank.values()].flatMap(inTurns);
}

/**
 * Which parts go now: by priority with ageing, workflows in turns, as far as they fit into what is free of their pool.
 *
 * What does not fit lets others pass, until it has waited for `reserveAfterMs`. What is larger than the whole pool is
 * passed always.
 */
export function chooseParts<Part extends Candidate>(
  candidates: readonly Part[],
  pool: { readonly total: Capacity; readonly free: Capacity },
  rules: ChoiceRules,
): Choice<Part> {
  const chosen: Part[] = [];
  let free = pool.free;
  let stuck: Part | null = null;
  for (const part of orderParts(candidates, rules)) {
    if (fits(part, free)) {
      chosen.push(part);
      free = without(free, part);
    } else if (fits(part, pool.total)) {
      stuck ??= part;
      if (free.slots <= 0 || rules.nowMs - part.queuedAtMs >= rules.reserveAfterMs) break;
    }
  }
  return { chosen, stuck };
}
