import type { Ground } from '../ground.ts';

/** Plays something to its end. @returns what is wrong with what came of it, in a sentence each @throws Error where it did not end */
export type Play = (ground: Ground, name: string) => Promise<string[]>;

export const differs = (what: string, found: unknown, expected: unknown): string[] =>
  JSON.stringify(found) === JSON.stringify(expected) ? [] : [`${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`];
