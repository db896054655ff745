import type { KafkaClient, TransactionalProducer } from '@vigil/kafka';
import { createGather } from '../gather/create-gather.ts';
import { defaultChunkLimits } from './chunk-rhythm.ts';
import { publishTogether, transactionTimeoutMs, type Publication, type Publish } from './publish-together.ts';
import { orStopped } from './stop-signal.ts';

export interface SharedProducerOptions {
  readonly client: KafkaClient;
  /** Its own alone: no other attempt of anything has the same. */
  readonly name: string;
  readonly signal: AbortSignal;
  readonly yieldToLive?: (() => Promise<void>) | undefined;
}

/** The producer of a transaction that several jobs share broke: of each of them only its checkpoint says whether it got through. */
export class SharedProducerBroken extends Error {
  override readonly name = 'SharedProducerBroken';
}

/** A producer for jobs that are over in a moment: what they have to say while a transaction is under way goes with the next. */
export interface SharedProducer {
  /** Transactional id for what is claimed from now on; another one after each that broke. */
  id(): string;
  /**
   * How to publish what was claimed under an id. Its predecessor is fenced by then.
   *
   * @returns null where that producer broke: the job goes alone
   */
  publisherOf(id: string): Promise<Publish | null>;
  close(): Promise<void>;
}

interface Life {
  readonly id: string;
  readonly isBroken: () => boolean;
  readonly publisher: () => Promise<Publish | null>;
  readonly close: () => Promise<void>;
}

function beginLife(id: string, { client, signal, yieldToLive }: SharedProducerOptions): Life {
  let opening: Promise<TransactionalProducer> | null = null;
  let isBroken = false;
  const guarded = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    try {
      if (!isBroken) return await work();
    } catch (cause) {
      isBroken = true;
      throw new SharedProducerBroken('', { cause });
    }
    throw new SharedProducerBroken();
  };
  const open = async (): Promise<TransactionalProducer> => {
    const producer = await client.openTransactionalProducer({ transactionalId: id, transactionTimeoutMs });
    try {
      await producer.fence();
      return producer;
    } catch (error) {
      await producer.close();
      throw error;
    }
  };
  const opened = (): Promise<TransactionalProducer> => guarded(() => orStopped(signal, (opening ??= open())));
  const publish = createGather<Publication, void>({
    most: defaultChunkLimits.bytes,
    weigh: ({ bytes }) => bytes,
    work: async (publications) => {
      const producer = await opened();
      await guarded(async () => {
        if (yieldToLive) await orStopped(signal, yieldToLive());
        await publishTogether(producer, publications);
      });
      return [];
    },
  });
  return {
    id,
    isBroken: () => isBroken,
    publisher: () =>
      opened().then(
        () => publish,
        () => null,
      ),
    close: async () => {
      const producer = await opening?.catch(() => null);
      await producer?.close();
    },
  };
}

export function openSharedProducer(options: SharedProducerOptions): SharedProducer {
  const lives: Life[] = [];
  const latest = (): Life => {
    const last = lives.at(-1);
    if (last && !last.isBroken()) return last;
    const next = beginLife(`${options.name}.${lives.length}`, options);
    lives.push(next);
    return next;
  };
  return {
    id: () => latest().id,
    publisherOf: async (id) => lives.find((life) => life.id === id)?.publisher() ?? null,
    async close() {
      for (const life of lives) await life.close();
    },
  };
}
