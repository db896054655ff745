import { dlqTopicOf, retryTopicOf, topics, type BatchProgressed, type Topic } from '@vigil/contracts';
import { createMemoryRegistry, createValueDecoder, headerNames, textHeader, type FetchedRecord } from '@vigil/kafka';
import type { SimWorld } from './simulate-seed.ts';
import { accepted, alarms, sources, ward, windows, type Accepted, type Alarm, type ClosedWindow } from './ward-topology.ts';

/** A committed record of an output, decoded. */
export interface Output<Value> {
  readonly partition: number;
  readonly key: string;
  readonly value: Value;
}

export interface Letter {
  readonly origin: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly attempt: number;
}

/** A partition that the stage reads, with where it stands. */
export interface SourcePlace {
  readonly topic: string;
  readonly partition: number;
  /** Null = nothing was ever committed. */
  readonly position: number | null;
  readonly stableOffset: number;
}

/** Everything that a reader of the broker sees after a schedule, by its own reading. */
export interface Observed {
  readonly accepted: readonly Output<Accepted>[];
  readonly windows: readonly Output<ClosedWindow>[];
  readonly alarms: readonly Output<Alarm>[];
  readonly letters: readonly Letter[];
  readonly ledger: readonly BatchProgressed[];
  readonly places: readonly SourcePlace[];
}

export const placeText = (topic: string, partition: number, offset: number): string => `${topic}/${partition}/${offset}`;

export async function observe({ broker, scenario }: SimWorld): Promise<Observed> {
  const partitions = Array.from({ length: scenario.partitions }, (_, partition) => partition);
  const committedIn = (topic: string): readonly { readonly partition: number; readonly record: FetchedRecord }[] =>
    partitions.flatMap((partition) =>
      broker
        .log({ topic, partition })
        .read(0, Number.POSITIVE_INFINITY)
        .records.map((record) => ({ partition, record })),
    );
  const read = <Value>({ name, schema }: Topic<Value>): readonly Output<Value>[] => {
    const decode = createValueDecoder(schema, { ...createMemoryRegistry(), cached: () => schema });
    return committedIn(name).map(({ partition, record: { key, value } }) => ({
      partition,
      key: String(key),
      value: decode(value as Buffer) as Value,
    }));
  };
  const letters = sources.flatMap(({ name }) =>
    committedIn(dlqTopicOf(name, ward.name)).map(({ record }): Letter => {
      const header = (each: string): string => textHeader(record.headers(), each) ?? '';
      const origin = [header(headerNames.originTopic), header(headerNames.originPartition), header(headerNames.originOffset)].join('/');
      return { origin, key: record.key, value: record.value, attempt: Number(header(headerNames.attempt)) };
    }),
  );
  const readTopics = sources.flatMap(({ name }) => [name, retryTopicOf(name, ward.name)]);
  const positions = await broker.connect().admin.committed(ward.name, readTopics);
  return {
    accepted: read(accepted),
    windows: read(windows),
    alarms: read(alarms),
    letters,
    ledger: read(topics.batchProgressed).map(({ value }) => value),
    places: positions.map(({ topic, partition, offset }) => ({
      topic,
      partition,
      position: offset,
      stableOffset: broker.log({ topic, partition }).stableOffset,
    })),
  };
}
