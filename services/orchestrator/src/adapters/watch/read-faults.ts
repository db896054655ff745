import { dlqTopicOf, topics, type Topic } from '@vigil/contracts';
import type { Clock } from '@vigil/core';
import {
  headerNames,
  offsetsSince,
  originFromHeaders,
  textHeader,
  type FetchedRecord,
  type KafkaClient,
  type TopicPartition,
} from '@vigil/kafka';
import { faultName, type ProcessorFault } from '../../domain/watch/processor-faults.ts';

export interface FaultReader {
  /** Reads what was quarantined since the last reading. @returns the newest fault of every stage and topic */
  readonly read: () => Promise<ReadonlyMap<string, ProcessorFault>>;
}

interface Queue {
  readonly stage: string;
  readonly topic: string;
  readonly deadLetters: string;
}

/** So far back the first reading goes. What was told lately is kept longer than that: it is not told again. */
const reachMs = 24 * 60 * 60_000;

const catalogue: readonly Topic[] = Object.values(topics);
const queues: readonly Queue[] = catalogue.flatMap(({ name, readers }) =>
  readers.map((stage) => ({ stage, topic: name, deadLetters: dlqTopicOf(name, stage) })),
);
const placeName = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`;

function faultOf({ stage, topic }: Queue, record: FetchedRecord): ProcessorFault | null {
  const headers = record.headers();
  if (textHeader(headers, headerNames.errorCode) !== 'PROCESSOR_FAULT') return null;
  return { stage, topic, origin: originFromHeaders(headers), atMs: record.timestamp };
}

/** Looks at the headers of new dead letters, never at what they carry. It keeps one fault per queue, however many there are. */
export function createFaultReader(client: KafkaClient, clock: Clock): FaultReader {
  const positions = new Map<string, number>();
  const newest = new Map<string, ProcessorFault>();
  const fromMs = clock.now() - reachMs;

  const keep = (queue: Queue, records: readonly FetchedRecord[]): void => {
    for (const record of records) {
      const fault = faultOf(queue, record);
      const isNewer = fault !== null && fault.atMs >= (newest.get(faultName(queue))?.atMs ?? fromMs);
      if (isNewer) newest.set(faultName(queue), fault);
    }
  };
  /** Where reading goes on, of the partitions that have something new. */
  const unread = async (topic: string) => {
    const [starts, ends] = await Promise.all([client.admin.startOffsets(topic), client.admin.stableOffsets(topic)]);
    const isNew = ends.some((end, partition) => (positions.get(placeName({ topic, partition })) ?? Infinity) > end);
    // Unknown, or the topic was made anew.
    const since = isNew ? await offsetsSince(client, topic, fromMs) : [];
    return ends.flatMap((end, partition) => {
      const known = positions.get(placeName({ topic, partition })) ?? Infinity;
      const from = Math.max(starts[partition] as number, known > end ? (since[partition] as number) : known);
      positions.set(placeName({ topic, partition }), from);
      return from < end ? [{ topic, partition, from, end }] : [];
    });
  };
  const readQueue = async (queue: Queue): Promise<void> => {
    const open = new Map((await unread(queue.deadLetters)).map((place) => [placeName(place), place]));
    if (open.size === 0) return;
    const fetcher = await client.openFetcher();
    try {
      for (const place of open.values()) fetcher.assign(place, place.from);
      while (open.size > 0) {
        for (const batch of await fetcher.poll(500)) {
          keep(queue, [...batch.records]);
          positions.set(placeName(batch), batch.nextOffset);
          if (batch.nextOffset < (open.get(placeName(batch)) as { readonly end: number }).end) continue;
          open.delete(placeName(batch));
          fetcher.unassign(batch);
        }
      }
    } finally {
      await fetcher.close();
    }
  };
  return {
    read: async () => {
      const existing = new Set((await client.admin.describeTopics(queues.map(({ deadLetters }) => deadLetters))).map(({ name }) => name));
      for (const queue of queues) if (existing.has(queue.deadLetters)) await readQueue(queue);
      return newest;
    },
  };
}
