import type { Topic } from '@vigil/contracts';
import { isVigilError } from '@vigil/core';
import { createValueDecoder, unresolvedIds, type Fetcher, type KafkaClient, type SchemaRegistry } from '@vigil/kafka';

export interface TailOptions<Value> {
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  readonly topic: Topic<Value>;
  /** `end`: only what comes from now on. */
  readonly from: 'start' | 'end';
  readonly onValue: (value: Value) => void;
  /** Told of each failure; reading goes on where it stopped. */
  readonly onTrouble: (error: unknown) => void;
}

export interface Tail {
  /** Resolves when what stood there at the start has been read. */
  readonly caughtUp: Promise<void>;
  stop(): Promise<void>;
}

const pollMs = 500;
const retryMs = 500;

/** Reads a topic and goes on reading it, without a group: every reader reads everything. What cannot be read is passed over. */
export function tailTopic<Value>({ client, registry, topic, from, onValue, onTrouble }: TailOptions<Value>): Tail {
  const decode = createValueDecoder(topic.schema, registry);
  const positions: number[] = [];
  const ends: number[] = [];
  const caughtUp = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<void>();
  let isStopped = false;
  let fetcher: Fetcher | undefined;

  const open = async (): Promise<Fetcher> => {
    const [first, last] = await Promise.all([client.admin.startOffsets(topic.name), client.admin.stableOffsets(topic.name)]);
    const opened = await client.openFetcher();
    for (const [partition, end] of last.entries()) {
      ends[partition] ??= end;
      positions[partition] ??= from === 'start' ? (first[partition] ?? 0) : end;
      opened.assign({ topic: topic.name, partition }, Math.max(positions[partition], first[partition] ?? 0));
    }
    return opened;
  };
  const tell = (bytes: Buffer | null): void => {
    if (bytes === null) return;
    try {
      onValue(decode(bytes) as Value);
    } catch (error) {
      if (!isVigilError(error) || error.kind !== 'poison') throw error;
    }
  };
  const readOn = async (): Promise<void> => {
    fetcher ??= await open();
    if (positions.every((position, partition) => position >= (ends[partition] as number))) caughtUp.resolve();
    for (const { partition, records, nextOffset } of await fetcher.poll(pollMs)) {
      const values = [...records].map(({ value }) => value);
      for (const id of unresolvedIds(values, registry)) await registry.schemaOf(id).catch(passPoison);
      for (const value of values) tell(value);
      positions[partition] = nextOffset;
    }
  };
  const running = (async () => {
    while (!isStopped) {
      try {
        await readOn();
      } catch (error) {
        onTrouble(error);
        await fetcher?.close().catch(() => undefined);
        fetcher = undefined;
        const timer = Promise.withResolvers<void>();
        const timeout = setTimeout(() => timer.resolve(), retryMs);
        await Promise.race([timer.promise, stopped.promise]);
        clearTimeout(timeout);
      }
    }
    await fetcher?.close().catch(() => undefined);
  })();
  return {
    caughtUp: caughtUp.promise,
    async stop() {
      isStopped = true;
      stopped.resolve();
      caughtUp.resolve();
      await running;
    },
  };
}

const passPoison = (error: unknown): void => {
  if (!isVigilError(error) || error.kind !== 'poison') throw error;
};
