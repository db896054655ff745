import type { IdempotentProducer, KafkaClient, ProducedRecord } from '../ports/kafka-client.ts';

/** Sends one request at a time through one idempotent producer; a producer that failed is replaced. */
export interface SerialSender {
  /** Resolves after the broker's acknowledgement. */
  send(records: readonly ProducedRecord[]): Promise<void>;
  close(): Promise<void>;
}

const maxRecordsPerRequest = 2_000;

export function createSerialSender(client: KafkaClient): SerialSender {
  let producer: IdempotentProducer | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const sendNow = async (records: readonly ProducedRecord[]): Promise<void> => {
    producer ??= await client.openIdempotentProducer();
    try {
      for (let at = 0; at < records.length; at += maxRecordsPerRequest) await producer.send(records.slice(at, at + maxRecordsPerRequest));
    } catch (error) {
      const failed = producer;
      producer = undefined;
      await failed.close().catch(() => undefined);
      throw error;
    }
  };

  return {
    async send(records) {
      const sent = last.then(() => sendNow(records));
      last = sent.catch(() => undefined);
      await sent;
    },
    async close() {
      await last;
      await producer?.close();
    },
  };
}
