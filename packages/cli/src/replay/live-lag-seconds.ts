import type { Clock } from '@vigil/core';
import { liveGroups, measureLag } from '@vigil/kafka';
import type { ReplayTools } from './with-replay.ts';

const live: ReadonlySet<string> = new Set(liveGroups);

/** How far the stages are behind that a patient waits for. A group that never read anything is not running. */
export async function liveLagSeconds({ client }: Pick<ReplayTools, 'client'>, clock: Clock): Promise<number> {
  const lags = await measureLag({ client, sinkPositions: () => Promise.resolve([]), clock });
  return Math.max(0, ...lags.filter(({ group, state }) => live.has(group) && state !== 'unread').map(({ lagSeconds }) => lagSeconds));
}
