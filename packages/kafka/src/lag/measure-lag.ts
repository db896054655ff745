import type { Clock } from '@vigil/core';
import type { AdminClient, KafkaClient, TopicPartition } from '../ports/kafka-client.ts';
import { ageLags } from './age-lags.ts';
import { groupTopics, type GroupTopic } from './group-topics.ts';
import type { LagState, PartitionLag, UnagedLag } from './partition-lag.ts';

/** Where a sink stands, as its database says. */
export interface SinkPosition extends TopicPartition {
  readonly sink: string;
  readonly nextOffset: number;
}

export interface LagSources {
  readonly client: KafkaClient;
  /** Positions of the sinks; what Kafka has of them is a copy. */
  readonly sinkPositions: () => Promise<readonly SinkPosition[]>;
  readonly clock: Clock;
}

interface Bounds {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

const placeOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`;
const ownPlaceOf = (group: string, place: TopicPartition): string => `${group}/${placeOf(place)}`;

async function boundsOf(admin: AdminClient, names: readonly string[]): Promise<Map<string, Bounds>> {
  const existing = await admin.describeTopics(names);
  const bounds = await Promise.all(
    existing.map(async ({ name }) => {
      const [starts, ends] = await Promise.all([admin.startOffsets(name), admin.stableOffsets(name)]);
      return [name, { starts, ends }] as const;
    }),
  );
  return new Map(bounds);
}

interface Committed {
  readonly offset: number;
  readonly metadata: string;
}

async function committedPositions(admin: AdminClient, read: readonly GroupTopic[]): Promise<Map<string, Committed>> {
  const groups = [...new Set(read.map(({ group }) => group))];
  const answers = await Promise.all(
    groups.map(async (group) => {
      const topics = read.filter((entry) => entry.group === group).map(({ topic }) => topic);
      return (await admin.committed(group, topics)).map((position) => [ownPlaceOf(group, position), position] as const);
    }),
  );
  return new Map(answers.flat().flatMap(([place, { offset, metadata }]) => (offset === null ? [] : [[place, { offset, metadata }]])));
}

function stateOf(known: number | undefined, start: number, end: number): LagState {
  if (known === undefined) return start < end ? 'unread' : 'drained';
  if (known > end) return 'ahead';
  if (known < start) return 'lost';
  return known < end ? 'behind' : 'drained';
}

/**
 * How far each group is behind on each partition it reads, counted from its position: for a stage of the engine what it
 * committed, for a sink what stands in its database.
 */
export async function measurePositions({ client, sinkPositions }: Omit<LagSources, 'clock'>): Promise<UnagedLag[]> {
  const read = groupTopics();
  // Positions are read before the ends: what comes in between shows as lag, never as less than none.
  const stored = new Map((await sinkPositions()).map((position) => [ownPlaceOf(position.sink, position), position.nextOffset]));
  const existing = new Set((await client.admin.describeTopics([...new Set(read.map(({ topic }) => topic))])).map(({ name }) => name));
  const present = read.filter(({ topic }) => existing.has(topic));
  const committed = await committedPositions(client.admin, present);
  const bounds = await boundsOf(client.admin, [...existing]);
  return present.flatMap(({ group, topic }) => {
    const { starts, ends } = bounds.get(topic) ?? { starts: [], ends: [] };
    return ends.map((end, partition): UnagedLag => {
      const place = ownPlaceOf(group, { topic, partition });
      const inKafka = committed.get(place);
      const known = stored.get(place) ?? inKafka?.offset;
      const start = starts[partition] ?? 0;
      const position = known ?? start;
      const state = stateOf(known, start, end);
      // Positions in a topic that is gone say nothing of the one that took its name: all of it waits.
      const from = state === 'ahead' ? start : position;
      return {
        group,
        topic,
        partition,
        position,
        end,
        lagRecords: end - from,
        state,
        readableFrom: Math.max(from, start),
        mark: inKafka?.metadata ?? '',
        isKnown: known !== undefined,
      };
    });
  });
}

/** Like `measurePositions`, with the age of what waits. */
export const measureLag = async ({ client, sinkPositions, clock }: LagSources): Promise<PartitionLag[]> =>
  ageLags(client, await measurePositions({ client, sinkPositions }), clock);
