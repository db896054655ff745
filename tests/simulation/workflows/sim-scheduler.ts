import type { RunTrace } from './describe-step.ts';

/** Something that runs in pieces: what stands between two `yield`s happens at once, each `yield` waits that many milliseconds. */
export type Activity = Generator<number, void, void>;

interface Scheduled {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/**
 * Called before every piece: how the process that runs it dies, if it does.
 *
 * @param waitedMs  before this piece: a short wait stands between two halves of one work, a long one between two looks for work
 */
export type Strike = (process: string, waitedMs: number) => 'live' | 'die-before' | 'die-after' | 'stand-still';

/** A process: its activities die together, and it starts again a while later. */
export interface SimProcess {
  readonly name: string;
  /** Grows with every start: what an earlier life left behind does not run on. */
  life: number;
  /** It stands still until then, as in a long collection of garbage. */
  pausedUntilMs: number;
  begin: () => void;
  onDeath: () => void;
}

const restartMs = 1500;
/** Longer than any lease or session. */
const standStillMs = 15_000;

/** The order of everything that happens, and who dies in between. */
export function createScheduler(strike: Strike, trace: RunTrace = () => undefined) {
  const queue: Scheduled[] = [];
  let nowMs = 0;
  let order = 0;
  let pieces = 0;
  /** Whose piece it is. */
  let present = 'world';
  const tell = (happening: string): void => trace(Math.round(nowMs), present, happening);

  const at = (atMs: number, run: () => void): void => {
    const entry = { atMs: Math.max(atMs, nowMs), order: order++, run };
    let low = 0;
    let high = queue.length;
    // Latest first, so that the next one is taken from the end.
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = queue[middle] as Scheduled;
      if (other.atMs > entry.atMs || (other.atMs === entry.atMs && other.order > entry.order)) low = middle + 1;
      else high = middle;
    }
    queue.splice(low, 0, entry);
  };

  const kill = (process: SimProcess): void => {
    tell('dies');
    process.life++;
    process.onDeath();
    at(nowMs + restartMs, process.begin);
  };

  const spawn = (process: SimProcess, activity: Activity): void => {
    const { life } = process;
    let waitedMs = 0;
    const run = (): void => {
      if (process.life !== life) return;
      if (process.pausedUntilMs > nowMs) return at(process.pausedUntilMs, run);
      pieces++;
      present = process.name;
      const fate = strike(process.name, waitedMs);
      if (fate === 'die-before') return kill(process);
      if (fate === 'stand-still') {
        process.pausedUntilMs = nowMs + standStillMs;
        tell(`stands still for ${standStillMs} ms`);
        return at(process.pausedUntilMs, run);
      }
      const { done, value } = activity.next();
      if (fate === 'die-after') return kill(process);
      if (done) return;
      waitedMs = value;
      at(nowMs + value, run);
    };
    at(nowMs, run);
  };

  return {
    at,
    spawn,
    tell,
    now: () => nowMs,
    pieces: () => pieces,
    /** @returns false when nothing is left, or `done` says so, or the time is over */
    runUntil(untilMs: number, done: () => boolean): boolean {
      while (!done()) {
        const next = queue.pop();
        if (!next) return false;
        if (next.atMs > untilMs) {
          queue.push(next);
          return false;
        }
        nowMs = next.atMs;
        present = 'world';
        next.run();
      }
      return true;
    },
  };
}

export type Scheduler = ReturnType<typeof createScheduler>;
