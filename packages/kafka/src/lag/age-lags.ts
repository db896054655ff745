import type { Clock } from '@vigil/core';
import type { KafkaClient, TopicPartition } from '../ports/kafka-client.ts';
import type { PartitionLag, UnagedLag } from './partition-lag.ts';

const placeOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`;

/** The ingestion time of the first record at or after each position; a place without one (only markers) is left out. */
async function ingestionTimes(client: KafkaClient, places: ReadonlyMap<string, UnagedLag>) {
  const times = new Map<string, number>();
  const open = new Map(places);
  if (open.size === 0) return times;
  const fetcher = await client.openFetcher();
  try {
    for (const { topic, partition, readableFrom } of open.values()) fetcher.assign({ topic, partition }, readableFrom);
    while (open.size > 0) {
      for (const batch of await fetcher.poll(500)) {
        const name = placeOf(batch);
        const [first] = batch.records;
        const place = open.get(name);
        if (!place || (!first && batch.nextOffset < place.end)) continue;
        if (first) times.set(name, first.timestamp);
        open.delete(name);
        fetcher.unassign(batch);
      }
    }
  } finally {
    await fetcher.close();
  }
  return times;
}

/** Groups stand at different places of one partition: each round asks for one place per partition. */
export async function ageLags(client: KafkaClient, lags: readonly UnagedLag[], clock: Clock): Promise<PartitionLag[]> {
  // Where retention has taken everything there is no record whose age could be told.
  const waiting = lags.filter(({ readableFrom, end }) => readableFrom < end);
  const seconds = new Map<UnagedLag, number>();
  while (waiting.length > 0) {
    const round = new Map<string, UnagedLag>();
    for (const lag of waiting) if (!round.has(placeOf(lag))) round.set(placeOf(lag), lag);
    const times = await ingestionTimes(client, round);
    const nowMs = clock.now();
    for (const [name, lag] of round) {
      const ms = times.get(name);
      seconds.set(lag, ms === undefined ? 0 : Math.max(0, nowMs - ms) / 1000);
      waiting.splice(waiting.indexOf(lag), 1);
    }
  }
  return lags.map((lag) => {
    const { group, topic, partition, position, end, lagRecords, state } = lag;
    return { group, topic, partition, position, end, lagRecords, lagSeconds: seconds.get(lag) ?? 0, state };
  });
}
