import { dlqTopicOf, retryTopicOf, topics, type BatchProgressed, type Topic } from '@vigil/contracts';
import { createMemoryRegistry, createValueDecoder, headerNames, textHeader, type FetchedRecord } from '@vigil/kafka';
import { originPlace, type SentRecord, type SimWorld } from '../sim-world.ts';
import type { Violation } from './violation.ts';

/** A committed record of an output, decoded. */
export interface Output<Value> {
  readonly partition: number;
  readonly offset: number;
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

export const placeText = (topic: string, partition: number, offset: number): string => `${topic}/${partition}/${offset}`;

/** The committed records of a topic, partition by partition, in the order of the log. */
function committedIn({ broker }: SimWorld, topic: string, partitions: number) {
  return Array.from({ length: partitions }, (_, partition) => partition).flatMap((partition) =>
    broker
      .log({ topic, partition })
      .read(0, Number.POSITIVE_INFINITY)
      .records.map((record): { readonly partition: number; readonly record: FetchedRecord } => ({ partition, record })),
  );
}

/** What a reader of a topic sees, by its own reading. */
export function readTopic<Value>(
  world: SimWorld,
  { name, schema }: Topic<Value>,
  partitions = world.scenario.partitions,
): readonly Output<Value>[] {
  const decode = createValueDecoder(schema, { ...createMemoryRegistry(), cached: () => schema });
  return committedIn(world, name, partitions).map(({ partition, record: { offset, key, value } }) => ({
    partition,
    offset,
    key: String(key),
    value: decode(value as Buffer) as Value,
  }));
}

export const readLedger = (world: SimWorld): readonly BatchProgressed[] =>
  readTopic(world, topics.batchProgressed).map(({ value }) => value);

export function readLetters(world: SimWorld): readonly Letter[] {
  const { group, sources } = world.scenario.play;
  return sources.flatMap(({ name }) =>
    committedIn(world, dlqTopicOf(name, group), world.scenario.partitions).map(({ record }): Letter => {
      const headers = record.headers();
      const attempt = Number(textHeader(headers, headerNames.attempt));
      return { origin: originPlace({ headers }), key: record.key, value: record.value, attempt };
    }),
  );
}

/** Every topic that the stage reads: its sources, and the ways back. */
export const readTopicsOf = ({ scenario: { play } }: SimWorld): readonly string[] =>
  play.sources.flatMap(({ name }) => [name, retryTopicOf(name, play.group)]);

/** Where the group stands, by what it committed to the broker. */
export async function committedPlaces(world: SimWorld): Promise<readonly SourcePlace[]> {
  const { broker, scenario } = world;
  const positions = await broker.connect().admin.committed(scenario.play.group, readTopicsOf(world));
  return positions.map(({ topic, partition, offset }) => ({
    topic,
    partition,
    position: offset,
    stableOffset: broker.log({ topic, partition }).stableOffset,
  }));
}

/** Of what was sent, what lies before the stage's position: it must be accounted for. */
export function consumedOf<Sent extends SentRecord>(sent: readonly Sent[], places: readonly SourcePlace[]): readonly Sent[] {
  const positions = new Map(places.map(({ topic, partition, position }) => [`${topic}-${partition}`, position ?? 0]));
  return sent.filter(({ topic, partition, offset }) => offset < (positions.get(`${topic}-${partition}`) ?? 0));
}

/** @param stopped  partitions where the stage had to stop */
export const checkDrained = (places: readonly SourcePlace[], stopped: ReadonlySet<number> = new Set()): readonly Violation[] =>
  places
    .filter(({ position, stableOffset, partition }) => (position ?? 0) !== stableOffset && !stopped.has(partition))
    .map(({ topic, partition, position, stableOffset }) => ({
      invariant: 'drained',
      detail: `${topic}-${partition}: position ${position}, end ${stableOffset}`,
    }));
