import type { IdempotentProducer, ProducedRecord } from '../ports/kafka-client.ts';
import type { ClusterLink } from './cluster-link.ts';
import { deliverRound } from './deliver-round.ts';
import { planRounds, type ProduceIdentity } from './produce.ts';
import { retryBusy } from './retry-busy.ts';
import { createSequenceBook } from './sequence-book.ts';

export interface IdempotentOptions {
  readonly link: ClusterLink;
  readonly requestTimeoutMs: number;
  /** How long a batch is tried again, with the same sequence numbers, before its fate is reported as unknown. */
  readonly deliverWithinMs: number;
}

/**
 * One request in flight: callers queue. A repeat carries the sequence numbers of the first try, so the broker takes it
 * once. When a batch is given up its outcome is unknown: the next one starts with a new producer id.
 */
export function createIdempotentProducer({ link, requestTimeoutMs, deliverWithinMs }: IdempotentOptions): IdempotentProducer {
  let identity: ProduceIdentity | null = null;
  let last: Promise<unknown> = Promise.resolve();

  const identify = async (): Promise<ProduceIdentity> => {
    if (identity) return identity;
    const broker = await link.controller();
    const { producerId, producerEpoch } = await retryBusy(
      () => broker.initProducerId({ transactionTimeout: requestTimeoutMs }),
      requestTimeoutMs,
    );
    return (identity = { transactionalId: null, producerId: Number(producerId), producerEpoch, sequences: createSequenceBook() });
  };
  const sendAll = async (records: readonly ProducedRecord[]): Promise<void> => {
    try {
      const own = await identify();
      for (const round of planRounds(records))
        await deliverRound({ link, round, identity: own, requestTimeoutMs, withinMs: deliverWithinMs });
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
      await link.close();
    },
  };
}
