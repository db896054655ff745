import type { FetchedBatch, KafkaClient } from '../ports/kafka-client.ts';

/** A client for which these topics hold records of one key only; positions go past the others. */
export function keyed(client: KafkaClient, topics: ReadonlySet<string>, key: string): KafkaClient {
  const wanted = Buffer.from(key, 'utf8');
  const ofKey = (batch: FetchedBatch): FetchedBatch =>
    topics.has(batch.topic) ? { ...batch, records: [...batch.records].filter((record) => record.key?.equals(wanted) === true) } : batch;
  return {
    ...client,
    openFetcher: async () => {
      const fetcher = await client.openFetcher();
      return { ...fetcher, poll: async (maxWaitMs) => (await fetcher.poll(maxWaitMs)).map(ofKey) };
    },
  };
}
