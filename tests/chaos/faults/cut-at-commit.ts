import type { CutOf } from '@vigil/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import { networkOf, type World } from '../world.ts';

const commit = Buffer.from('COMMIT\0');
const betweenMs = 1_000;
const waitMs = 30_000;

/**
 * Resets connections to the database exactly while a COMMIT is under way: now before the database has it, now after it
 * took effect and before anybody is told.
 *
 * @returns what was cut
 */
export async function cutAtCommit(world: World): Promise<string[]> {
  const [route] = networkOf(world).routes(({ to }) => to === 'database');
  if (!route) throw new Error('There is no link to the database.');
  const cuts: readonly CutOf[] = ['answer', 'request', 'answer', 'request'];
  for (const of of cuts) {
    const missed = sleep(waitMs, true, { ref: false });
    if (await Promise.race([route.link.cutNext({ of, matches: (bytes) => bytes.includes(commit) }).then(() => false), missed]))
      throw new Error(`No COMMIT in ${waitMs / 1_000} s: the fault did not happen.`);
    await sleep(betweenMs);
  }
  return [`connections reset during COMMIT: ${cuts.map((of) => `${of} lost`).join(', ')}`];
}
