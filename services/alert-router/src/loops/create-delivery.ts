import type { Clock } from '@vigil/core';
import type { Verdict } from '../domain/classify-answer.ts';
import { ask, learn, openGate, type Gate } from '../domain/gate.ts';
import type { Trouble } from '../domain/operational-incident.ts';
import { retryDelayMs } from '../domain/retry-delay.ts';
import { channels, type Address, type Channel } from '../domain/route.ts';
import type { AlertEvents, Attempt, Claimed, IncidentBook, Outbox, Sender } from '../handlers/ports.ts';
import { createLoop, handleFailure, type FailureHandlers, type Loop } from '@vigil/runtime';

export interface DeliveryOptions extends FailureHandlers {
  readonly outbox: Outbox;
  readonly book: Pick<IncidentBook, 'reportTrouble'>;
  readonly senders: Readonly<Record<Channel, Sender>>;
  readonly events: AlertEvents;
  /** Dates the attempts. */
  readonly clock: Clock;
  /** Times the rests: a page must not wait an hour because somebody set the clock back. */
  readonly steady: Clock;
  readonly random: () => number;
  /** Messages of one channel that are under way at once. */
  readonly atOnce: number;
  readonly pollMs: number;
  /** How long an open breaker rests before a probe. */
  readonly breakerRestMs: number;
}

const nameOf = ({ channel, address }: Address): string => `${channel} ${address}`;

/** How a log names an address: the key's name, of a mail address the part before the @. */
const keyNameOf = (address: string): string => address.split('@', 1)[0] ?? '';

/** Sends one message and writes down what came of it. */
class Courier {
  readonly #options: DeliveryOptions;
  readonly #gates = new Map<string, Gate>();

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** Resolves to whether further messages came into being. */
  async deliver(claimed: Claimed): Promise<{ readonly queued: boolean; readonly retryInMs: number | null }> {
    const { clock, steady, outbox, book, events, random } = this.#options;
    const startedAt = clock.now();
    const askedAt = steady.now();
    const passage = ask(this.#gateOf(claimed), askedAt);
    this.#gates.set(nameOf(claimed), passage.gate);
    const verdict = passage.passes ? await this.#options.senders[claimed.channel](claimed) : null;
    const finishedAt = clock.now();
    const troubles = verdict ? this.#learn(claimed, verdict, steady.now()) : [];

    const waitMs = verdict ? verdict.retryAfterMs : passage.until - askedAt;
    const outcome = verdict?.outcome ?? 'blocked';
    const retries = outcome === 'retry' || outcome === 'blocked';
    const retryInMs = retries ? retryDelayMs(verdict ? claimed.attempts - 1 : 0, random(), waitMs) : 0;
    const attempt: Attempt = { outcome, status: verdict?.status ?? null, startedAt, finishedAt, retryInMs };
    events.attempted({ channel: claimed.channel, outcome });
    // Before the attempt is written down: otherwise a crash in between would leave the trouble untold.
    for (const trouble of troubles) await book.reportTrouble(trouble, { channel: claimed.channel, address: claimed.address });
    const { latencyMs, severity, queued } = await outbox.finish(claimed, attempt);
    if (latencyMs !== null) events.delivered({ channel: claimed.channel, severity, latencyMs });
    return { queued: queued || troubles.length > 0, retryInMs: retries ? retryInMs : null };
  }

  #gateOf(address: Address): Gate {
    return this.#gates.get(nameOf(address)) ?? openGate;
  }

  /** Remembers what an answer says about its key. Returns what engineering has to know. */
  #learn({ channel, address }: Address, verdict: Verdict, nowMs: number): readonly Trouble[] {
    const { events, breakerRestMs } = this.#options;
    const before = this.#gateOf({ channel, address });
    const gate = learn(before, verdict, { nowMs, restMs: breakerRestMs });
    this.#gates.set(nameOf({ channel, address }), gate);
    if (before.breaker.phase !== 'closed' && gate.breaker.phase === 'closed') events.breakerClosed({ channel, key: keyNameOf(address) });
    const isOpen = verdict.isFailure && gate.breaker.phase === 'open';
    if (isOpen && before.breaker.phase === 'closed') events.breakerOpened({ channel, key: keyNameOf(address) });
    const refused = verdict.outcome === 'permanent';
    if (refused) events.quarantined({ channel, status: verdict.status ?? 0 });
    // Told with each failed probe, too: the database may have been away when the breaker opened. Twice is once.
    return [...(isOpen ? (['provider-unreachable'] as const) : []), ...(refused ? (['delivery-refused'] as const) : [])];
  }
}

function createChannelLoop(
  channel: Channel,
  courier: Courier,
  { options, nudgeAll }: { options: DeliveryOptions; nudgeAll: () => void },
): Loop {
  const { outbox, atOnce, pollMs, onTrouble, onFatal } = options;
  const underWay = new Set<Promise<void>>();
  const timers = new Set<NodeJS.Timeout>();

  const nudgeIn = (ms: number): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      loop.nudge();
    }, ms);
    timers.add(timer);
  };
  const send = async (claimed: Claimed): Promise<void> => {
    const { queued, retryInMs } = await courier.deliver(claimed);
    if (queued) nudgeAll();
    if (retryInMs !== null) nudgeIn(retryInMs + 1);
  };
  const start = (claimed: Claimed): void => {
    const sending = send(claimed)
      // What could not be written down is claimed again when its lease ends.
      .catch((error: unknown) => handleFailure(error, options))
      .finally(() => {
        underWay.delete(sending);
        // A slot is free, and the next message of this dedup key may go.
        loop.nudge();
      });
    underWay.add(sending);
  };
  const turn = async (): Promise<'again' | 'rest'> => {
    const free = atOnce - underWay.size;
    if (free <= 0) return 'rest';
    const claimed = await outbox.claim(channel, free);
    for (const one of claimed) start(one);
    return 'rest';
  };
  const loop = createLoop({ everyMs: pollMs, turn, onTrouble, onFatal });
  const close = async (): Promise<void> => {
    await loop.close();
    await Promise.all(underWay);
    for (const timer of timers) clearTimeout(timer);
  };
  return { nudge: loop.nudge, close };
}

/** Carries what stands in the outbox to the providers, each channel by itself: a slow one keeps no other waiting. */
export function createDelivery(options: DeliveryOptions): Loop {
  const courier = new Courier(options);
  const loops: Loop[] = [];
  const nudge = (): void => {
    for (const loop of loops) loop.nudge();
  };
  for (const channel of channels) loops.push(createChannelLoop(channel, courier, { options, nudgeAll: nudge }));
  return { nudge, close: async () => void (await Promise.all(loops.map((loop) => loop.close()))) };
}
