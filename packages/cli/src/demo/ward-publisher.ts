import { topics } from '@vigil/contracts';
import { partitionOf, type IdempotentProducer, type ProducedRecord } from '@vigil/kafka';

/** A message for a `received` topic: key and bytes as the sender puts them on the wire. */
export interface WireMessage {
  readonly key: string;
  readonly value: Buffer;
}

export interface WardPublisher {
  readings(messages: readonly WireMessage[]): Promise<void>;
  patients(messages: readonly WireMessage[]): Promise<void>;
  /** Readings that Kafka acknowledged. */
  sent(): number;
}

const largestRequest = 2_000;

/** Publishes as devices and hospitals do: keyed, on the partition that Java's producer would choose. */
export function createWardPublisher(producer: IdempotentProducer, partitions: number): WardPublisher {
  let sent = 0;
  const publish = async (topic: string, messages: readonly WireMessage[]): Promise<void> => {
    for (let at = 0; at < messages.length; at += largestRequest) {
      const records = messages.slice(at, at + largestRequest).map(({ key, value }): ProducedRecord => {
        const bytes = Buffer.from(key);
        return { topic, partition: partitionOf(bytes, partitions), key: bytes, value, headers: [], timestamp: null };
      });
      await producer.send(records);
    }
  };
  return {
    readings: async (messages) => {
      await publish(topics.vitalsReadingReceived.name, messages);
      sent += messages.length;
    },
    patients: (messages) => publish(topics.patientsRecordReceived.name, messages),
    sent: () => sent,
  };
}
