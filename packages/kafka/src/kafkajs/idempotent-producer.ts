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

/** One caller's records on their way. */
interface Sending {
  readonly records: readonly ProducedRecord[];
  readonly done: PromiseWithResolvers<void>;
}

/** Records of several callers in one request at most. */
const mostTogether = 5_000;
/** What may be refused for its size goes alone, so that it fails for nobody else. */
const largeBytes = 512 * 1024;

const isLarge = ({ records }: Sending): boolean => records.some(({ value }) => value !== null && value.length > largeBytes);

/** Takes the callers off the queue whose records go together. */
function takeTogether(queue: Sending[]): readonly Sending[] {
  const taken: Sending[] = queue.splice(0, 1);
  let records = taken.reduce((sum, sending) => sum + sending.records.length, 0);
  while (queue[0] && !isLarge(queue[0]) && !taken.some(isLarge) && records + queue[0].records.length <= mostTogether) {
    records += queue[0].records.length;
    taken.push(...queue.splice(0, 1));
  }
  return taken;
}

/**
 * One request in flight: callers queue, and what queued meanwhile goes together. A repeat carries the sequence numbers
 * of the first try, so the broker takes it once. When a batch is given up its outcome is unknown: the next one starts
 * with a new producer id.
 */
export function createIdempotentProducer({ link, requestTimeoutMs, deliverWithinMs }: IdempotentOptions): IdempotentProducer {
  const queue: Sending[] = [];
  let identity: ProduceIdentity | null = null;
  let working: Promise<void> | null = null;

  const identify = async (): Promise<ProduceIdentity> => {
    if (identity) return identity;
    const { producerId, producerEpoch } = await retryBusy(
      async () => (await link.controller()).initProducerId({ transactionTimeout: requestTimeoutMs }),
      requestTimeoutMs,
    );
    return (identity = { transactionalId: null, producerId: Number(producerId), producerEpoch, sequences: createSequenceBook() });
  };
  const deliver = async (records: readonly ProducedRecord[]): Promise<void> => {
    const own = await identify();
    for (const round of planRounds(records)) {
      await deliverRound({ link, round, identity: own, requestTimeoutMs, withinMs: deliverWithinMs });
    }
  };
  const work = async (): Promise<void> => {
    // Callers of this very moment go together.
    await Promise.resolve();
    while (queue.length > 0) {
      const together = takeTogether(queue);
      try {
        await deliver(together.flatMap(({ records }) => records));
        for (const { done } of together) done.resolve();
      } catch (error) {
        identity = null;
        for (const { done } of together) done.reject(error);
      }
    }
    // In the same breath as the look at the queue: a caller that comes later starts anew.
    working = null;
  };
  return {
    send(records) {
      const done = Promise.withResolvers<void>();
      queue.push({ records, done });
      working ??= work();
      return done.promise;
    },
    async close() {
      await working;
      await link.close();
    },
  };
}
