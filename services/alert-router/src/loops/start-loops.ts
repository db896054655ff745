import { steadyClock, type Clock } from '@vigil/core';
import type { AlertEvents, IncidentBook, Outbox, RelayChanges, Sender } from '../handlers/ports.ts';
import type { Channel } from '../domain/route.ts';
import { createAuditRound } from './create-auditor.ts';
import { createDelivery } from './create-delivery.ts';
import { createLoop, type FailureHandlers, type Loop } from '@vigil/runtime';

export interface LoopsOptions extends FailureHandlers {
  readonly outbox: Outbox;
  readonly book: IncidentBook;
  readonly relay: RelayChanges;
  readonly senders: Readonly<Record<Channel, Sender>>;
  readonly events: AlertEvents;
  readonly clock: Clock;
  readonly random: () => number;
  readonly beat?: () => Promise<number>;
  readonly pace: LoopPace;
}

/** How often the loops look by themselves, and how much they do at once. */
export interface LoopPace {
  readonly pollMs: number;
  readonly auditMs: number;
  readonly pruneMs: number;
  readonly atOnce: number;
  readonly breakerRestMs: number;
}

export interface Loops {
  /** An incident changed: there may be messages to send, steps to take and changes to publish. */
  readonly nudge: () => void;
  /** The auditor completed a round lately: the database answers and the loops turn. */
  readonly isWell: () => boolean;
  readonly close: () => Promise<void>;
}

const stepsAtOnce = 100;
const relayedAtOnce = 500;
const prunedAtOnce = 200;
const missedRounds = 3;

/** Starts what the passing of time does: delivery, escalation, publishing, audit, the end of what was kept. */
export function startLoops({ outbox, book, relay, senders, events, clock, random, beat, pace, ...handlers }: LoopsOptions): Loops {
  const { pollMs, auditMs } = pace;
  const loops: Loop[] = [];
  const nudge = (): void => {
    for (const loop of loops) loop.nudge();
  };
  const delivery = createDelivery({ outbox, book, senders, events, clock, steady: steadyClock, random, ...pace, ...handlers });
  const relaying = createLoop({
    everyMs: pollMs,
    turn: async () => ((await relay()) >= relayedAtOnce ? 'again' : 'rest'),
    ...handlers,
  });
  const escalation = createLoop({
    everyMs: pollMs,
    turn: async () => {
      const moved = await book.advanceDue(stepsAtOnce);
      if (moved > 0) {
        delivery.nudge();
        relaying.nudge();
      }
      return moved >= stepsAtOnce ? 'again' : 'rest';
    },
    ...handlers,
  });
  loops.push(delivery, relaying, escalation);
  const round = createAuditRound({ book, events, clock, ...(beat && { beat }), onChanged: nudge });
  let lastRoundAt = steadyClock.now();
  const auditor = createLoop({
    everyMs: auditMs,
    turn: async () => {
      await round();
      lastRoundAt = steadyClock.now();
      return 'rest';
    },
    ...handlers,
  });
  const pruning = createLoop({
    everyMs: pace.pruneMs,
    turn: async () => {
      const count = await book.prune(prunedAtOnce);
      if (count > 0) events.pruned({ count });
      return count >= prunedAtOnce ? 'again' : 'rest';
    },
    ...handlers,
  });
  return {
    nudge,
    isWell: () => steadyClock.now() - lastRoundAt <= missedRounds * auditMs,
    // The relay is the last to end: what the others changed is published.
    close: async () => {
      await Promise.all([pruning.close(), auditor.close(), escalation.close(), delivery.close()]);
      await relaying.close();
    },
  };
}
