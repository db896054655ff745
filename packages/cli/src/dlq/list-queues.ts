import type { Clock } from '@vigil/core';
import { headerNames, readWhole, textHeader, type KafkaClient } from '@vigil/kafka';
import { deadLetterTopics } from './dead-letter-topics.ts';

export interface QueueSummary {
  readonly topic: string;
  readonly group: string;
  readonly count: number;
  /** Since the oldest one still kept was quarantined; null = none. */
  readonly oldestAgeSeconds: number | null;
  readonly codes: Readonly<Record<string, number>>;
}

interface Tally {
  count: number;
  oldestMs: number;
  readonly codes: Record<string, number>;
}

/** What stands in each quarantine, by error code. Values are not looked at. */
export async function listQueues(client: KafkaClient, clock: Clock): Promise<QueueSummary[]> {
  const queues = deadLetterTopics();
  const described = await client.admin.describeTopics(queues.map(({ name }) => name));
  const places = described.flatMap(({ name, partitions }) =>
    Array.from({ length: partitions }, (_, partition) => ({ topic: name, partition })),
  );
  const tallies = new Map<string, Tally>();
  await readWhole({
    client,
    places,
    pollMs: 500,
    onRecord: ({ topic }, record) => {
      const tally = tallies.get(topic) ?? { count: 0, oldestMs: Number.POSITIVE_INFINITY, codes: {} };
      tallies.set(topic, tally);
      const code = textHeader(record.headers(), headerNames.errorCode) ?? 'UNKNOWN';
      tally.count++;
      tally.oldestMs = Math.min(tally.oldestMs, record.timestamp);
      tally.codes[code] = (tally.codes[code] ?? 0) + 1;
    },
  });
  const nowMs = clock.now();
  const existing = new Set(described.map(({ name }) => name));
  return queues
    .filter(({ name }) => existing.has(name))
    .map(({ name, group }) => {
      const { count = 0, oldestMs = nowMs, codes = {} } = tallies.get(name) ?? {};
      return { topic: name, group, count, oldestAgeSeconds: count === 0 ? null : Math.max(0, nowMs - oldestMs) / 1000, codes };
    });
}
