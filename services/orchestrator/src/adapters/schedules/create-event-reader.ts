import { topics as catalogue, type Topic } from '@vigil/contracts';
import { isVigilError } from '@vigil/core';
import {
  createValueDecoder,
  schemaIdOf,
  unresolvedIds,
  type FetchedBatch,
  type Fetcher,
  type KafkaClient,
  type SchemaRegistry,
  type ValueDecoder,
} from '@vigil/kafka';
import { inTransaction } from '@vigil/postgres';
import type pg from 'pg';
import { matchesFilter } from '../../domain/schedules/matches-filter.ts';
import { recordTriggers, type Trigger } from './take-triggers.ts';
import { advancePositions, beginPositions, readEventSchedules, type EventSchedule, type TriggerPosition } from './trigger-positions.ts';

export interface EventReaderOptions {
  readonly pool: pg.Pool;
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  /** Triggers were written down: they wait for a decision. */
  readonly onTriggered: () => void;
}

export interface EventReader {
  /** Looks which schedules there are, and reads from where each stands. */
  readonly reload: () => Promise<void>;
  /** Waits up to `waitMs` for records; without schedules it returns at once. @returns whether there is anything to read */
  readonly read: (waitMs: number) => Promise<boolean>;
  readonly close: () => Promise<void>;
}

const known: ReadonlyMap<string, Topic> = new Map(
  Object.values(catalogue as Readonly<Record<string, Topic>>).map((topic) => [topic.name, topic]),
);
const placeOf = (topic: string, partition: number): string => `${topic} ${partition}`;

/** A value as a filter sees it; undefined where it cannot be read: it triggers nothing. */
function decodeValue(value: Buffer, decode: ValueDecoder): unknown {
  try {
    return schemaIdOf(value) === null ? (JSON.parse(value.toString('utf8')) as unknown) : decode(value);
  } catch (error) {
    if (error instanceof SyntaxError || (isVigilError(error) && error.kind === 'poison')) return undefined;
    throw error;
  }
}

/** What is followed: the schedules of each topic, and where each of them stands. */
class Following {
  readonly byTopic: ReadonlyMap<string, EventSchedule[]>;
  readonly #next = new Map<string, number>();

  constructor(schedules: readonly EventSchedule[], positions: readonly TriggerPosition[]) {
    this.byTopic = Map.groupBy(schedules, ({ topic }) => topic);
    for (const { scheduleId, topic, partition, nextOffset } of positions)
      this.#next.set(`${scheduleId} ${placeOf(topic, partition)}`, nextOffset);
  }

  /** Null where it stands nowhere: it is read from when it is looked at again. */
  nextOf({ scheduleId }: EventSchedule, topic: string, partition: number): number | null {
    return this.#next.get(`${scheduleId} ${placeOf(topic, partition)}`) ?? null;
  }
}

function triggersOf({ topic, partition, records }: FetchedBatch, following: Following, decode: ValueDecoder): Trigger[] {
  const schedules = following.byTopic.get(topic) ?? [];
  return [...records].flatMap(({ offset, value }) => {
    const record = value === null ? undefined : decodeValue(value, decode);
    if (record === undefined) return [];
    return schedules
      .filter(
        (schedule) =>
          offset >= (following.nextOf(schedule, topic, partition) ?? Number.POSITIVE_INFINITY) && matchesFilter(schedule.filter, record),
      )
      .map(({ scheduleId }): Trigger => ({ scheduleId, cause: `${topic}-${partition}-${offset}`, detail: { topic, partition, offset } }));
  });
}

/** Where every partition is read from: where the schedule that is least far stands. */
function startsOf(positions: readonly TriggerPosition[]): Map<string, TriggerPosition> {
  const starts = new Map<string, TriggerPosition>();
  for (const position of positions) {
    const key = placeOf(position.topic, position.partition);
    const earlier = starts.get(key);
    if (earlier === undefined || position.nextOffset < earlier.nextOffset) starts.set(key, position);
  }
  return starts;
}

type Bounds = ReadonlyMap<string, readonly number[]>;

/**
 * A position that the log no longer holds moves to what it does: retention took what lay between, or the topic was made anew.
 * Refused it would stop all workflows, for a trigger.
 */
const withinLog = ({ topic, partition, nextOffset }: TriggerPosition, starts: Bounds, ends: Bounds): number =>
  Math.max(starts.get(topic)?.[partition] ?? 0, Math.min(nextOffset, ends.get(topic)?.[partition] ?? nextOffset));

/**
 * Reads the topics that trigger schedules. Every process reads them: a record is told by its place, so it counts once, and none
 * waits for another to take over. Positions move in the transaction that writes the triggers down.
 */
export function createEventReader({ pool, client, registry, onTriggered }: EventReaderOptions): EventReader {
  const decoders = new Map<string, ValueDecoder>();
  let fetcher: Fetcher | null = null;
  let following = new Following([], []);
  let followed = '';

  const decoderOf = (name: string): ValueDecoder => {
    const decode = decoders.get(name) ?? createValueDecoder((known.get(name) as Topic).schema, registry);
    decoders.set(name, decode);
    return decode;
  };
  const stop = async (): Promise<void> => {
    const open = fetcher;
    fetcher = null;
    followed = '';
    await open?.close();
  };
  const resolveIds = async ({ records }: FetchedBatch): Promise<void> => {
    const values = [...records].map(({ value }) => value);
    for (const id of unresolvedIds(values, registry)) {
      await registry.schemaOf(id).catch((error: unknown) => {
        if (!isVigilError(error) || error.code !== 'UNKNOWN_SCHEMA_ID') throw error;
      });
    }
  };
  const take = async (batch: FetchedBatch): Promise<number> => {
    await resolveIds(batch);
    const triggers = triggersOf(batch, following, decoderOf(batch.topic));
    const readers = (following.byTopic.get(batch.topic) ?? []).map(({ scheduleId }) => scheduleId);
    return inTransaction(pool, async (transaction) => {
      await advancePositions(transaction, readers, batch);
      return recordTriggers(transaction, triggers);
    });
  };

  return {
    reload: async () => {
      const schedules = (await readEventSchedules(pool)).filter(({ topic }) => known.has(topic));
      const wanted = JSON.stringify(schedules);
      if (wanted === followed) return;
      await stop();
      if (schedules.length === 0) {
        followed = wanted;
        return;
      }
      const names = [...new Set(schedules.map(({ topic }) => topic))];
      const boundsBy = async (offsetsOf: (name: string) => Promise<readonly number[]>): Promise<Bounds> =>
        new Map(await Promise.all(names.map(async (name) => [name, await offsetsOf(name)] as const)));
      const [starts, ends] = [
        await boundsBy((name) => client.admin.startOffsets(name)),
        await boundsBy((name) => client.admin.stableOffsets(name)),
      ];
      const positions = await beginPositions(pool, schedules, ends);
      const opened = await client.openFetcher();
      for (const position of startsOf(positions).values()) opened.assign(position, withinLog(position, starts, ends));
      following = new Following(schedules, positions);
      fetcher = opened;
      followed = wanted;
    },
    read: async (waitMs) => {
      if (fetcher === null) return false;
      try {
        let written = 0;
        for (const batch of await fetcher.poll(waitMs)) if (batch.records.length > 0) written += await take(batch);
        if (written > 0) onTriggered();
        return true;
      } catch (error) {
        await stop().catch(() => undefined);
        throw error;
      }
    },
    close: stop,
  };
}
