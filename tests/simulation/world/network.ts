import { VigilError } from '@vigil/core';
import type { SeededRandom } from '@vigil/testing';
import type { ProcessLife } from './process-life.ts';
import type { Weather } from '../scenario.ts';
import type { SimClock } from './sim-clock.ts';

/** Requests and answers between processes and what they talk to, each on its own way: late, lost, twice, refused. */
export interface Network {
  /**
   * A request with its answer. The effect happens at the other end whenever the request arrives, also when the process
   * that sent it has given up or is dead by then.
   *
   * @param waitMs  how much longer than usual the other end may take to answer
   */
  request<Answer>(life: ProcessLife, operation: string, effect: () => Promise<Answer>, waitMs?: number): Promise<Answer>;
  /** As `request`, for reads that are answered whole or not at all: what the answer holds is decided when it arrives. */
  fetch<Answer>(life: ProcessLife, effect: () => Promise<Answer>, waitMs: number): Promise<Answer>;
  /** What the broker tells by itself: late, but in order. */
  notify(life: ProcessLife, run: () => void): void;
  readonly setAway: (away: boolean) => void;
  /** From now on everything arrives. */
  readonly calmDown: () => void;
}

export interface NetworkOptions {
  readonly clock: SimClock;
  readonly random: SeededRandom;
  readonly weather: Weather;
  readonly trace: (process: string, happening: string) => void;
  /** What a caller gets when no answer came. */
  readonly timedOut: () => Error;
  /** What may come in answer to a request, which then had no effect. */
  readonly refusals: readonly [() => Error, ...(() => Error)[]];
  /**
   * Requests that may come twice. The repeat of a request that is not about a batch of records comes on its heels: a
   * client that waits for each answer has no older one on the way.
   */
  readonly isRepeatable: (operation: string) => boolean;
}

const requestTimeoutMs = 3_000;
const slowestMs = 15_000;

const protocolError = (type: string) => (): Error => Object.assign(new Error(type), { name: 'KafkaJSProtocolError', type });

/** Between a process and the broker. Errors of coordinators come from the broker itself, when they move. */
export const brokerLink: Pick<NetworkOptions, 'timedOut' | 'refusals' | 'isRepeatable'> = {
  timedOut: () => new VigilError('TIMED_OUT'),
  refusals: [protocolError('COORDINATOR_NOT_AVAILABLE'), protocolError('NOT_ENOUGH_REPLICAS'), protocolError('REQUEST_TIMED_OUT')],
  isRepeatable: (operation) => ['send', 'produce', 'sendPositions', 'commitPositions'].includes(operation),
};

/** Between a process and the database. */
export const databaseLink: typeof brokerLink = {
  timedOut: () => new VigilError('DATABASE_AWAY'),
  refusals: [() => new VigilError('DATABASE_CONFLICT'), () => new VigilError('DATABASE_AWAY')],
  isRepeatable: () => false,
};

interface Fate {
  readonly thereMs: number;
  readonly backMs: number;
  readonly requestLost: boolean;
  readonly responseLost: boolean;
  readonly refusedAs: Error | null;
  readonly isDoubled: boolean;
}

export function createNetwork({ clock, random, weather, trace, timedOut, refusals, isRepeatable }: NetworkOptions): Network {
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
    refusedAs: happens(weather.refused) ? random.pick(refusals)() : null,
    isDoubled: isRepeatable(operation) && happens(weather.duplicated),
  });

  /** Nobody waits for the answer to a repeat. That of records may come long after: their batch has a number. */
  const repeat = (operation: string, effect: () => Promise<unknown>): void => {
    const again = (): void => void effect().catch(() => undefined);
    if (operation === 'send' || operation === 'produce') clock.after(random.next() * slowestMs * random.next(), again);
    else again();
  };

  return {
    request<Answer>(life: ProcessLife, operation: string, effect: () => Promise<Answer>, waitMs = 0) {
      const { promise, resolve, reject } = Promise.withResolvers<Answer>();
      const fate = drawFate(operation);
      trace(life.name, `→ ${operation}`);
      const cancel = clock.after(requestTimeoutMs + waitMs, () => life.deliver(() => reject(timedOut())));
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
        if (refusedAs !== null) return answer(refusedAs.message, () => reject(refusedAs));
        if (fate.isDoubled) repeat(operation, effect);
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
          clock.after(requestTimeoutMs + waitMs, () => life.deliver(() => reject(timedOut())));
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
    setAway: (away) => void (isAway += away ? 1 : -1),
    calmDown: () => void (isCalm = true),
  };
}
