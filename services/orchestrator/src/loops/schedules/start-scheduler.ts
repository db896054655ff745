import { isRowFault } from '../../domain/is-row-fault.ts';
import type { Taken } from '../../domain/schedules/taken.ts';
import { createWakeLoop, type WakeLoop } from './create-wake-loop.ts';

/** What the scheduler does; each is one transaction, in which any number of processes may race. */
export interface SchedulerWork {
  readonly takeDue: (most: number) => Promise<Taken>;
  /** One schedule at a time, after a batch could not be decided about. */
  readonly takeDueSingly: (most: number) => Promise<Taken>;
  readonly takeTriggers: (most: number) => Promise<number>;
  readonly fillBackfills: () => Promise<number>;
  readonly sweepRuns: () => Promise<number>;
  readonly pruneTriggers: (most: number) => Promise<number>;
  /** Milliseconds until the next schedule is due; null = none is. */
  readonly readNextDue: () => Promise<number | null>;
  /** Runs were requested: they go out at once. */
  readonly settle: () => void;
}

export interface SchedulerOptions extends SchedulerWork {
  /** Longest time between two looks: what another process changed is seen then. */
  readonly everyMs: number;
  readonly fired: (taken: Taken) => void;
  readonly onTrouble: (error: unknown) => void;
  readonly onFatal: (error: unknown) => void;
}

const atOnce = 200;
/** Transactions over schedules that are due at once: while the database writes one, the next is decided about. */
const lanes = 2;
const prunedAtOnce = 500;
const pruneEveryTurns = 600;

/** Whether a failure is about the batch and not about the database: then one of its schedules is at fault. */
async function takeAllDue({ takeDue, takeDueSingly, fired, settle }: SchedulerOptions): Promise<void> {
  for (;;) {
    const taken = await takeDue(atOnce).catch((error: unknown) => {
      if (!isRowFault(error)) throw error;
      return takeDueSingly(atOnce);
    });
    if (taken.started > 0) settle();
    if (taken.schedules > 0) fired(taken);
    if (taken.schedules < atOnce) return;
  }
}

/**
 * Starts what fires schedules. It sleeps until the next one is due, to the millisecond, and at most for `everyMs`; whoever
 * changes a schedule nudges it.
 */
export function startScheduler(options: SchedulerOptions): WakeLoop {
  const { takeTriggers, fillBackfills, sweepRuns, pruneTriggers, readNextDue, settle, everyMs, onTrouble, onFatal } = options;
  let turns = 0;
  const turn = async (): Promise<number> => {
    await Promise.all(Array.from({ length: lanes }, () => takeAllDue(options)));
    let moved = 0;
    for (let taken = atOnce; taken >= atOnce; moved += taken) taken = await takeTriggers(atOnce);
    moved += (await fillBackfills()) + (await sweepRuns());
    if (moved > 0) settle();
    if (turns++ % pruneEveryTurns === 0) await pruneTriggers(prunedAtOnce);
    return Math.min(everyMs, (await readNextDue()) ?? everyMs);
  };
  return createWakeLoop({ turn, restMs: everyMs, onTrouble, onFatal });
}
