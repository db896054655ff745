/** The only source of the present. Milliseconds since the epoch. */
export interface Clock {
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/**
 * Goes on at the pace of time whatever somebody sets the wall clock to: for what a process measures or waits for. Its values
 * mean something beside each other only.
 */
export const steadyClock: Clock = { now: () => performance.timeOrigin + performance.now() };
