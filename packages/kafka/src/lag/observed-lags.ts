import { topics, type LagObserved } from '@vigil/contracts';
import { isVigilError } from '@vigil/core';
import { createValueDecoder, unresolvedIds } from '../codec/value-decoder.ts';
import type { FetchedRecord, Fetcher, KafkaClient } from '../ports/kafka-client.ts';
import type { SchemaRegistry } from '../ports/schema-registry.ts';

/** What the lag observer published, newest of each group. */
export interface ObservedLags {
  /** Reads on, for at most `waitMs`. @throws dependency errors when broker or registry are away */
  read(waitMs: number): Promise<ReadonlyMap<string, LagObserved>>;
  close(): Promise<void>;
}

const topic = topics.lagObserved;
const place = { topic: topic.name, partition: 0 };
/** An old observation says nothing of now: the last few of each group are all that is read of what is there already. */
const readBack = 500;

/** Follows the observations of all groups. Needs no group of its own: every reader reads everything. */
export function openObservedLags(client: KafkaClient, registry: SchemaRegistry): ObservedLags {
  const latest = new Map<string, LagObserved>();
  const decode = createValueDecoder(topic.schema, registry);
  let fetcher: Fetcher | undefined;

  const open = async (): Promise<Fetcher> => {
    const [[start = 0], [end = 0]] = await Promise.all([client.admin.startOffsets(topic.name), client.admin.stableOffsets(topic.name)]);
    const opened = await client.openFetcher();
    opened.assign(place, Math.max(start, end - readBack));
    return opened;
  };
  const put = ({ value }: FetchedRecord): void => {
    if (value === null) return;
    try {
      const observed = decode(value) as LagObserved;
      if (observed.observedAt >= (latest.get(observed.group)?.observedAt ?? 0)) latest.set(observed.group, observed);
    } catch (error) {
      // What cannot be read is no observation; whoever waits for one finds the old one too old.
      if (!isVigilError(error) || error.kind !== 'poison') throw error;
    }
  };
  const putAll = async (records: readonly FetchedRecord[]): Promise<void> => {
    const values = records.map(({ value }) => value);
    for (const id of unresolvedIds(values, registry)) await registry.schemaOf(id);
    for (const record of records) put(record);
  };
  const forget = async (): Promise<void> => {
    const failed = fetcher;
    fetcher = undefined;
    await failed?.close();
  };
  return {
    async read(waitMs) {
      fetcher ??= await open();
      try {
        for (const { records } of await fetcher.poll(waitMs)) await putAll([...records]);
      } catch (error) {
        await forget().catch(() => undefined);
        throw error;
      }
      return latest;
    },
    close: forget,
  };
}
