import type { Clock } from '@vigil/core';
import type { AdminClient, KafkaClient, TopicPartition } from '@vigil/kafka';
import type { StoredPosition } from '@vigil/postgres';
import { groupTopics, type GroupTopic } from './group-topics.ts';

/**
 * - `drained`: the position is the last stable offset
 * - `behind`: there is something to read
 * - `unread`: there is something to read and nothing was ever read
 */
export type LagState = 'drained' | 'behind' | 'unread';

export interface PartitionLag {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  /** Next offset to read, past markers; where nothing was read yet the first there is. */
  readonly position: number;
  /** Last stable offset. */
  readonly end: number;
  /** Offsets between the two; markers among them count as records until they are passed. */
  readonly lagRecords: number;
  /** Now − ingestion time of the record at the position. */
  readonly lagSeconds: number;
  readonly state: LagState;
}

export interface LagSources {
  readonly client: KafkaClient;
  /** Positions of the sinks; what Kafka has of them is a copy. */
  readonly sinkPositions: () => Promise<readonly StoredPosition[]>;
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

async function committedPositions(admin: AdminClient, read: readonly GroupTopic[]): Promise<Map<string, number>> {
  const groups = [...new Set(read.map(({ group }) => group))];
  const answers = await Promise.all(
    groups.map(async (group) => {
      const topics = read.filter((entry) => entry.group === group).map(({ topic }) => topic);
      return (await admin.committed(group, topics)).map((position) => [ownPlaceOf(group, position), position.offset] as const);
    }),
  );
  return new Map(answers.flat().flatMap(([place, offset]) => (offset === null ? [] : [[place, offset]])));
}

/** The ingestion time of the first record at or after each position; a place without one (only markers) is left out. */
async function ingestionTimes(client: KafkaClient, places: ReadonlyMap<string, TopicPartition & { position: number; end: number }>) {
  const times = new Map<string, number>();
  const open = new Map(places);
  if (open.size === 0) return times;
  const fetcher = await client.openFetcher();
  try {
    for (const { topic, partition, position } of open.values()) fetcher.assign({ topic, partition }, position);
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

const stateOf = (lagRecords: number, known: boolean): LagState => {
  if (lagRecords === 0) return 'drained';
  return known ? 'behind' : 'unread';
};

type Unaged = Omit<PartitionLag, 'lagSeconds'>;

/** Groups stand at different places of one partition: each round asks for one place per partition. */
async function aged(client: KafkaClient, lags: readonly Unaged[], clock: Clock): Promise<PartitionLag[]> {
  const waiting = lags.filter(({ lagRecords }) => lagRecords > 0);
  const seconds = new Map<Unaged, number>();
  while (waiting.length > 0) {
    const round = new Map<string, Unaged>();
    for (const lag of waiting) if (!round.has(placeOf(lag))) round.set(placeOf(lag), lag);
    const times = await ingestionTimes(client, round);
    const nowMs = clock.now();
    for (const [name, lag] of round) {
      const ms = times.get(name);
      seconds.set(lag, ms === undefined ? 0 : Math.max(0, nowMs - ms) / 1000);
      waiting.splice(waiting.indexOf(lag), 1);
    }
  }
  return lags.map((lag) => ({ ...lag, lagSeconds: seconds.get(lag) ?? 0 }));
}

/**
 * How far each group is behind on each partition it reads, counted from its position: for a stage of the engine what it
 * committed, for a sink what stands in its database.
 */
export async function measurePositions({ client, sinkPositions }: Omit<LagSources, 'clock'>): Promise<Unaged[]> {
  const read = groupTopics();
  // Positions are read before the ends: what comes in between shows as lag, never as less than none.
  const stored = new Map((await sinkPositions()).map((position) => [ownPlaceOf(position.sink, position), position.nextOffset]));
  const existing = new Set((await client.admin.describeTopics([...new Set(read.map(({ topic }) => topic))])).map(({ name }) => name));
  const present = read.filter(({ topic }) => existing.has(topic));
  const committed = await committedPositions(client.admin, present);
  const bounds = await boundsOf(client.admin, [...existing]);
  return present.flatMap(({ group, topic }) => {
    const { starts, ends } = bounds.get(topic) ?? { starts: [], ends: [] };
    return ends.map((end, partition): Unaged => {
      const place = ownPlaceOf(group, { topic, partition });
      const known = stored.get(place) ?? committed.get(place);
      const position = known ?? starts[partition] ?? 0;
      const lagRecords = Math.max(0, end - position);
      return { group, topic, partition, position, end, lagRecords, state: stateOf(lagRecords, known !== undefined) };
    });
  });
}

/** Like `measurePositions`, with the age of what waits. */
export const measureLag = async ({ client, sinkPositions, clock }: LagSources): Promise<PartitionLag[]> =>
  aged(client, await measurePositions({ client, sinkPositions }), clock);
