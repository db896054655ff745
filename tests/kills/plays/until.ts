import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than a lease, a claim of the outbox and some starts of a process on a busy machine. */
const patienceMs = 240_000;

/** Looks until it sees something. @throws Error that names what was waited for */
export async function until<Value>(what: string, look: () => Promise<Value | undefined>, withinMs = patienceMs): Promise<Value> {
  for (const endMs = Date.now() + withinMs; Date.now() < endMs; await sleep(100)) {
    // Between a death and the next life nobody answers.
    const seen = await look().catch(() => undefined);
    if (seen !== undefined) return seen;
  }
  throw new Error(`not within ${withinMs / 1000} s: ${what}`);
}
