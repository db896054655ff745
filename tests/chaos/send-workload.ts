import { topics } from '@vigil/contracts';
import { partitionOf, type IdempotentProducer, type KafkaClient, type ProducedRecord } from '@vigil/kafka';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SendState } from './outcome.ts';
import type { ChaosMessage } from './workload.ts';

/** What became of everything that was put on the wire so far. */
export interface SendBook {
  readonly states: Map<string, SendState>;
  sent: number;
  acked: number;
}

export interface SendOptions {
  readonly client: KafkaClient;
  readonly book: SendBook;
  /** Messages a second. */
  readonly rate: number;
  /** Called after each request. */
  readonly onProgress?: (sent: number) => void;
}

const { name: topic } = topics.vitalsReadingReceived;
const requestsPerSecond = 5;
/** A request without an answer may still be on its way: what follows must not overtake it. */
const settleMs = 1_000;

export const openBook = (): SendBook => ({ states: new Map(), sent: 0, acked: 0 });

function enter(book: SendBook, messages: readonly ChaosMessage[], state: SendState): void {
  book.sent += messages.length;
  if (state === 'acked') book.acked += messages.length;
  for (const { id } of messages) if (state === 'acked' || !book.states.has(id)) book.states.set(id, state);
}

/**
 * Sends as devices do: keyed, in order, at a steady rate. A request that failed is not sent again: its outcome is unknown,
 * and what follows goes through a new producer.
 */
export async function sendMessages(messages: readonly ChaosMessage[], { client, book, rate, onProgress }: SendOptions): Promise<void> {
  const partitions = await partitionsOf(client);
  const toRecord = ({ key, value }: ChaosMessage): ProducedRecord => {
    const bytes = Buffer.from(key);
    return { topic, partition: partitionOf(bytes, partitions), key: bytes, value, headers: [], timestamp: null };
  };
  let producer: IdempotentProducer | undefined;
  const share = Math.max(1, Math.round(rate / requestsPerSecond));
  const startedMs = performance.now();
  for (let at = 0; at < messages.length; at += share) {
    const part = messages.slice(at, at + share);
    try {
      producer ??= await client.openIdempotentProducer();
      await producer.send(part.map(toRecord));
      enter(book, part, 'acked');
    } catch {
      enter(book, part, 'unknown');
      await producer?.close().catch(() => {});
      producer = undefined;
      await sleep(settleMs);
    }
    onProgress?.(at + part.length);
    await sleep(Math.max(0, startedMs + ((at + share) / rate) * 1000 - performance.now()));
  }
  await producer?.close().catch(() => {});
}

async function partitionsOf({ admin }: KafkaClient): Promise<number> {
  const [described] = await admin.describeTopics([topic]);
  if (!described) throw new Error(`There is no topic ${topic}; the fleet was not prepared.`);
  return described.partitions;
}
