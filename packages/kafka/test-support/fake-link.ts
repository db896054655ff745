import { createByteReader } from '../src/kafkajs/byte-reader.ts';
import { createByteWriter } from '../src/kafkajs/byte-writer.ts';
import type { ClusterLink } from '../src/kafkajs/cluster-link.ts';
import type { KafkajsBroker, KafkajsCluster, RawRequest } from '../src/kafkajs/kafkajs-internals.ts';

/** What one produce request held of one partition. */
export interface Produced {
  readonly topic: string;
  readonly partition: number;
  readonly producerId: number;
  readonly firstSequence: number;
  readonly records: number;
}

/** A protocol error as kafkajs throws it. */
export const protocolError = (type: string, marks: object = {}): Error =>
  Object.assign(new Error(type), { name: 'KafkaJSProtocolError', type, ...marks });

function readProduce(body: Buffer): readonly Produced[] {
  const reader = createByteReader(body);
  reader.string();
  reader.int16();
  reader.int32();
  return reader
    .array(() => {
      const topic = reader.string() ?? '';
      return reader.array(() => {
        const partition = reader.int32();
        const batch = reader.take(reader.int32());
        return {
          topic,
          partition,
          producerId: Number(batch.readBigInt64BE(43)),
          firstSequence: batch.readInt32BE(53),
          records: batch.readInt32BE(57),
        };
      });
    })
    .flat();
}

function answerOf(produced: readonly Produced[], errorCode: number): Buffer {
  const writer = createByteWriter();
  writer.int32(produced.length);
  for (const { topic, partition } of produced) {
    writer.string(topic);
    writer.int32(1);
    writer.int32(partition);
    writer.int16(errorCode);
    for (let field = 0; field < 3; field++) writer.int64(0);
  }
  return Buffer.from(writer.view());
}

export interface FakeLinkOptions {
  /** Called with each produce request, in order: an error code to answer with, or an error to throw. */
  readonly onProduce?: (produced: readonly Produced[], number: number) => number | Error | Promise<number | Error>;
  /** The answer to a request that is no produce request. */
  readonly answer?: (body: Buffer) => Buffer;
  /** Calls of the broker by name. */
  readonly broker?: Partial<Record<keyof KafkajsBroker, (options: never) => unknown>>;
}

/** A cluster of one broker whose answers a test decides: for what a real one cannot be made to do at will. */
export function createFakeLink({ onProduce = () => 0, answer, broker: calls = {} }: FakeLinkOptions = {}) {
  const produced: (readonly Produced[])[] = [];
  const asked: string[] = [];
  const send = async (request: RawRequest<unknown>): Promise<unknown> => {
    const { buffer } = await request.request.encode();
    if (answer) return request.response.parse(await request.response.decode(answer(buffer)));
    const batches = readProduce(buffer);
    produced.push(batches);
    const outcome = await onProduce(batches, produced.length);
    if (outcome instanceof Error) throw outcome;
    return request.response.parse(await request.response.decode(answerOf(batches, outcome)));
  };
  const defaults = {
    initProducerId: () => ({ producerId: String(100 + asked.filter((name) => name === 'initProducerId').length), producerEpoch: 0 }),
  };
  const broker = new Proxy({ connectionPool: { send } } as unknown as KafkajsBroker, {
    get(target, name: keyof KafkajsBroker) {
      if (name in target) return target[name];
      if (typeof name === 'symbol' || name === ('then' as never)) return undefined;
      return async (options: never) => {
        asked.push(name);
        return ({ ...defaults, ...calls } as Record<string, ((options: never) => unknown) | undefined>)[name]?.(options);
      };
    },
  });
  const known = new Set<string>();
  /** Looks at the metadata, one after the other, as kafkajs's are: each by the topics that were new to it. */
  const looks: (readonly string[])[] = [];
  let looking = Promise.resolve();
  const withTopics = async (topics: Iterable<string>): Promise<KafkajsCluster> => {
    const look = async (): Promise<void> => {
      const fresh = [...topics].filter((topic) => !known.has(topic));
      if (fresh.length === 0) return;
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      looks.push(fresh);
      for (const topic of fresh) known.add(topic);
    };
    const own = looking.then(look);
    looking = own;
    await own;
    return {} as KafkajsCluster;
  };
  const link: ClusterLink = {
    withTopics,
    leaderOf: () => 1,
    leads: () => true,
    broker: async () => broker,
    controller: async () => broker,
    groupCoordinator: async () => broker,
    transactionCoordinator: async () => broker,
    refresh: async () => void asked.push('refresh'),
    partitionsOf: () => 2,
    close: async () => void asked.push('close'),
  };
  return { link, produced, asked, looks };
}
