import type { Day } from '../domain/claim-world.ts';

const dayMs = 86_400_000;

/** The day in UTC of an instant. @param ms  milliseconds since the epoch */
export const dayOfInstant = (ms: number): Day => Math.floor(ms / dayMs);
