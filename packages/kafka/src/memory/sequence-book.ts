import type { ProducedRecord } from '../ports/kafka-client.ts';

/** Whether a request was carried out before: then it is answered as if for the first time, and nothing happens. */
export type IsRepeat = (request: readonly ProducedRecord[]) => boolean;

/**
 * What the broker remembers of one idempotent producer. Kafka numbers the batches of a producer and a partition, and a
 * request that comes twice carries the same numbers; here the request is the array that it was sent as, and one that the
 * client sends anew, with the same records or not, is another.
 */
export function createSequenceBook(): IsRepeat {
  const seen = new WeakSet<readonly ProducedRecord[]>();
  return (request) => {
    const isRepeat = seen.has(request);
    seen.add(request);
    return isRepeat;
  };
}
