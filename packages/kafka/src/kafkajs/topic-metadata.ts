import { VigilError } from '@vigil/core';
import DataLoader from 'dataloader';
import type { TopicDescription } from '../ports/kafka-client.ts';
import type { ByteReader } from './byte-reader.ts';
import { createByteWriter } from './byte-writer.ts';
import type { ClusterLink } from './cluster-link.ts';
import { callBroker } from './raw-request.ts';

const metadataKey = 3;
/** kafkajs ends at version 6; topic ids came with 10. */
const metadataVersion = 12;
const noTopicId = '00000000-0000-0000-0000-000000000000';

/** Metadata of these topics, of all for null. */
function metadataBody(names: readonly string[] | null): Buffer {
  const writer = createByteWriter();
  // The request header's tagged fields, which kafkajs's older header lacks.
  writer.int8(0);
  writer.unsignedVarint(names === null ? 0 : names.length + 1);
  for (const name of names ?? []) {
    writer.int64(0);
    writer.int64(0);
    writer.compactString(name);
    writer.int8(0);
  }
  writer.int8(0);
  writer.int8(0);
  writer.int8(0);
  return writer.view();
}

const uuidOf = (bytes: Buffer): string => bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

function readTopic(reader: ByteReader): TopicDescription & { readonly errorCode: number } {
  const errorCode = reader.int16();
  const name = reader.compactString() as string;
  const topicId = uuidOf(reader.take(16));
  reader.int8();
  const partitions = reader.compactArray(() => {
    reader.take(14);
    for (let list = 0; list < 3; list++) reader.compactArray(() => reader.int32());
    reader.tags();
  });
  reader.int32();
  reader.tags();
  return { errorCode, name, topicId: topicId === noTopicId ? null : topicId, partitions: partitions.length };
}

function readMetadata(reader: ByteReader): readonly TopicDescription[] {
  reader.tags();
  reader.int32();
  reader.compactArray(() => {
    reader.int32();
    reader.compactString();
    reader.int32();
    reader.compactString();
    reader.tags();
  });
  reader.compactString();
  reader.int32();
  return reader
    .compactArray(readTopic)
    .filter(({ errorCode }) => errorCode === 0)
    .map(({ name, topicId, partitions }) => ({ name, topicId, partitions }));
}

/** What the controller knows of a topic; null = it does not know it. */
export type FindTopic = (topic: string) => Promise<TopicDescription | null>;

export interface TopicMetadata {
  /** Topics that the controller knows, of all for null. */
  readonly read: (names: readonly string[] | null) => Promise<readonly TopicDescription[]>;
  /** What is asked for at the same moment is asked in one request. */
  readonly find: FindTopic;
}

export function createTopicMetadata(link: ClusterLink): TopicMetadata {
  const read = async (names: readonly string[] | null): Promise<readonly TopicDescription[]> => {
    const broker = await link.controller();
    return callBroker(broker, {
      apiKey: metadataKey,
      apiVersion: metadataVersion,
      apiName: 'Metadata',
      body: metadataBody(names),
      read: readMetadata,
    });
  };
  const loader = new DataLoader(
    async (names: readonly string[]): Promise<readonly (TopicDescription | null)[]> => {
      const found = new Map((await read([...new Set(names)])).map((topic) => [topic.name, topic]));
      return names.map((name) => found.get(name) ?? null);
    },
    { cache: false },
  );
  return { read, find: (topic) => loader.load(topic) };
}

/** @throws VigilError TOPIC_MISSING */
export async function findOrThrow(find: FindTopic, topic: string): Promise<TopicDescription> {
  const found = await find(topic);
  if (!found) throw new VigilError('TOPIC_MISSING', { detail: topic });
  return found;
}
