import { VigilError } from '@vigil/core';
import type { SeededRandom } from '@vigil/testing';
import type { ProcessLife } from './process-life.ts';
import type { Weather } from './scenario.ts';
import type { SimClock } from './sim-clock.ts';

/** Requests and answers between processes and the broker, each on its own way: late, lost, twice, refused. */
export interface Network {
  /**
   * A request with its answer. The effect happens at the broker whenever the request arrives, also when the process
   * that sent it has given up or is dead by then.
   *
   * @param waitMs  how much longer than usual the broker may take to answer
   */
  request<Answer>(life: ProcessLife, operation: string, effect: () => Promise<Answer>, waitMs?: number): Promise<Answer>;
  /** As `request`, for reads that are answered whole or not at all: what the answer holds is decided when it arrives. */
  fetch<Answer>(life: ProcessLife, effect: () => Promise<Answer>, waitMs: number): Promise<Answer>;
  /** What the broker tells by itself: late, but in order. */
  notify(life: ProcessLife, run: () => void): void;
  setBrokerAway(away: boolean): void;
  /** From now on everything arrives. */
  calmDown(): void;
}

export interface NetworkOptions {
  readonly clock: SimClock;
  readonly random: SeededRandom;
  readonly weather: Weather;
  readonly trace: (process: string, happening: string) => void;
}

const requestTimeoutMs = 3_000;
const slowestMs = 15_000;

/** Errors of the protocol that may come in answer to a request, which then had no effect. */
const refusals = [
  'COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'CONCURRENT_TRANSACTIONS',
  'NOT_ENOUGH_REPLICAS',
  'REQUEST_TIMED_OUT',
] as const;

const protocolError = (type: string): Error => Object.assign(new Error(type), { name: 'KafkaJSProtocolError', type });

/**
 * Requests whose repeat the broker does not recognise, as it does that of a batch by its sequence number. A repeat
 * comes on the heels of the request: a client that waits for each answer has no older one on the way.
 */
const isRepeatable = (operation: string): boolean => operation === 'sendPositions' || operation === 'commitPositions';

interface Fate {
  readonly thereMs: number;
  readonly backMs: number;
  readonly requestLost: boolean;
  readonly responseLost: boolean;
  readonly refusedAs: string | null;
  readonly isDoubled: boolean;
}

export function createNetwork({ clock, random, weather, trace }: NetworkOptions): Network {
  let isCalm = false;
  let isAway = 0;
  const notices = new Map<ProcessLife, (() => void)[]>();

  const delayMs = (): number => {
    const usual = random.next() * (random.chance(0.1) ? 40 : 3);
    return !isCalm && random.chance(weather.slow) ? usual + random.next() * slowestMs : usual;
  };
  const happens = (chance: number): boolean => !isCalm && random.chance(chance);
  const drawFate = (operation: string): Fate => ({
    thereMs: delayMs(),
    backMs: delayMs(),
    requestLost: happens(weather.requestLost),
    responseLost: happens(weather.responseLost),
    refusedAs: happens(weather.refused) ? random.pick(refusals) : null,
    isDoubled: isRepeatable(operation) && happens(weather.duplicated),
  });

  return {
    request<Answer>(life: ProcessLife, operation: string, effect: () => Promise<Answer>, waitMs = 0) {
      const { promise, resolve, reject } = Promise.withResolvers<Answer>();
      const fate = drawFate(operation);
      trace(life.name, `→ ${operation}`);
      const cancel = clock.after(requestTimeoutMs + waitMs, () => life.deliver(() => reject(new VigilError('TIMED_OUT'))));
      const answer = (outcome: string, settle: () => void): void => {
        clock.after(fate.backMs, () => {
          const isLost = fate.responseLost || !life.isReachable || isAway > 0;
          trace(life.name, `${isLost ? '✗' : '←'} ${operation}: ${outcome}${isLost ? ', the answer is lost' : ''}`);
          if (isLost) return;
          life.deliver(() => {
            cancel();
            settle();
          });
        });
      };
      clock.after(fate.thereMs, () => {
        // What a process sent before it died arrives all the same.
        const arrives = !fate.requestLost && isAway === 0 && (life.isReachable || !life.isAlive);
        if (!arrives) return trace(life.name, `✗ ${operation}: the request is lost`);
        const { refusedAs } = fate;
        if (refusedAs !== null) return answer(refusedAs, () => reject(protocolError(refusedAs)));
        if (fate.isDoubled) void effect().catch(() => undefined);
        effect().then(
          (value) => answer('done', () => resolve(value)),
          (error: unknown) => answer(error instanceof VigilError ? error.code : 'an error', () => reject(error)),
        );
      });
      return promise;
    },
    fetch<Answer>(life: ProcessLife, effect: () => Promise<Answer>, waitMs: number) {
      const { promise, resolve, reject } = Promise.withResolvers<Answer>();
      const isLost = happens(weather.requestLost);
      clock.after(delayMs(), () => {
        if (isLost || !life.isReachable || isAway > 0) {
          clock.after(requestTimeoutMs + waitMs, () => life.deliver(() => reject(new VigilError('TIMED_OUT'))));
          return;
        }
        effect().then(
          (value) => life.deliver(() => resolve(value)),
          (error: unknown) => life.deliver(() => reject(error)),
        );
      });
      return promise;
    },
    notify(life, run) {
      const queue = notices.get(life) ?? [];
      notices.set(life, queue);
      queue.push(run);
      clock.after(delayMs(), () => life.deliver(queue.shift() as () => void));
    },
    setBrokerAway: (away) => void (isAway += away ? 1 : -1),
    calmDown: () => void (isCalm = true),
  };
}
