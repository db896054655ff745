import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '@vigil/core';
import type { Fetcher, KafkaClient } from '../ports/kafka-client.ts';

export interface Pace {
  /** Most records of the paced topics a second, on average. */
  readonly recordsPerSecond: number;
  readonly paced: ReadonlySet<string>;
  /** Whether live work needs the room just now: nothing is read then. Asked every `askEveryMs` at most. */
  readonly mustYield: () => Promise<boolean>;
  readonly askEveryMs: number;
  readonly clock: Clock;
}

function paceFetcher(fetcher: Fetcher, { recordsPerSecond, paced, mustYield, askEveryMs, clock }: Pace): Fetcher {
  let freeAtMs = 0;
  let askAgainAtMs = 0;
  let yielding = false;
  return {
    ...fetcher,
    async poll(maxWaitMs) {
      if (clock.now() >= askAgainAtMs) {
        yielding = await mustYield();
        askAgainAtMs = clock.now() + askEveryMs;
      }
      const waitMs = yielding ? maxWaitMs : Math.min(maxWaitMs, freeAtMs - clock.now());
      if (waitMs > 0) {
        // In short waits: whoever polls must be able to stop, and is watched for getting stuck.
        await sleep(waitMs);
        return [];
      }
      const batches = await fetcher.poll(maxWaitMs);
      const records = batches.reduce((sum, batch) => sum + (paced.has(batch.topic) ? batch.records.length : 0), 0);
      freeAtMs = Math.max(freeAtMs, clock.now()) + (records / recordsPerSecond) * 1000;
      return batches;
    },
  };
}

/** A client that reads no faster than it may, and not at all while live work is behind. */
export const paced = (client: KafkaClient, pace: Pace): KafkaClient => ({
  ...client,
  openFetcher: async () => paceFetcher(await client.openFetcher(), pace),
});
