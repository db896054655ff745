import type { KafkaClient, ProducedRecord } from '@vigil/kafka';

const perRequest = 2_000;

/** Writes records in requests of bounded size and answers how many Kafka acknowledged. */
export async function preload(client: KafkaClient, records: Iterable<ProducedRecord>): Promise<number> {
  const producer = await client.openIdempotentProducer();
  let request: ProducedRecord[] = [];
  let written = 0;
  const flush = async (): Promise<void> => {
    await producer.send(request);
    written += request.length;
    request = [];
  };
  try {
    for (const record of records) {
      request.push(record);
      if (request.length === perRequest) await flush();
    }
    if (request.length > 0) await flush();
  } finally {
    await producer.close();
  }
  return written;
}
