import { classifyError } from '@vigil/core';
import type { IdempotentProducer, ProducedRecord } from '../ports/kafka-client.ts';
import type { ClusterLink } from './cluster-link.ts';
import { planRounds, produceRound, type PartitionBatch, type ProduceIdentity } from './produce.ts';
import { retryBusy } from './retry-busy.ts';
import { createSequenceBook } from './sequence-book.ts';

export interface IdempotentOptions {
  readonly link: ClusterLink;
  readonly requestTimeoutMs: number;
  /** How long a batch is tried again, with the same sequence numbers, before its fate is reported as unknown. */
  readonly deliverWithinMs: number;
}

const firstDelayMs = 20;
const mostDelayMs = 1_000;

const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

const isPassing = (error: unknown): boolean => ['transient', 'dependency'].includes(classifyError(error).kind);

/**
 * One request in flight: callers queue. A repeat carries the sequence numbers of the first try, so the broker takes it
 * once. When a batch is given up its outcome is unknown: the next one starts with a new producer id.
 */
export function createIdempotentProducer({ link, requestTimeoutMs, deliverWithinMs }: IdempotentOptions): IdempotentProducer {
  let identity: ProduceIdentity | null = null;
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;

  const identify = async (): Promise<ProduceIdentity> => {
    if (identity) return identity;
    const broker = await link.controller();
    const { producerId, producerEpoch } = await retryBusy(
      () => broker.initProducerId({ transactionTimeout: requestTimeoutMs }),
      requestTimeoutMs,
    );
    return (identity = { transactionalId: null, producerId: Number(producerId), producerEpoch, sequences: createSequenceBook() });
  };
  const deliverSurely = async (round: readonly PartitionBatch[]): Promise<void> => {
    const deadlineMs = Date.now() + deliverWithinMs;
    const own = await identify();
    const before = new Map(round.map((batch) => [batch, own.sequences.current(batch.topic, batch.partition)]));
    const open = (): PartitionBatch[] => round.filter((batch) => own.sequences.current(batch.topic, batch.partition) === before.get(batch));
    for (let delayMs = firstDelayMs; ; delayMs = Math.min(mostDelayMs, delayMs * 2)) {
      try {
        await produceRound(link, open(), own, requestTimeoutMs);
        return;
      } catch (error) {
        if (!isPassing(error) || Date.now() + delayMs > deadlineMs || closed) throw error;
        await sleep(delayMs);
        await link.refresh().catch(() => undefined);
      }
    }
  };
  const sendAll = async (records: readonly ProducedRecord[]): Promise<void> => {
    try {
      for (const round of planRounds(records)) await deliverSurely(round);
    } catch (error) {
      identity = null;
      throw error;
    }
  };
  return {
    send(records) {
      const sent = last.then(() => sendAll(records));
      last = sent.catch(() => undefined);
      return sent;
    },
    async close() {
      await last;
      closed = true;
      await link.close();
    },
  };
}
