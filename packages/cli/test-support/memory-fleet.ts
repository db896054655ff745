import { allTopics, compileWriter, createWireEncoder, topics, type BatchProgressed } from '@vigil/contracts';
import { createMemoryBroker, createMemoryRegistry, type KafkaClient, type RecordHeaders } from '@vigil/kafka';

export interface MemoryFleet {
  readonly client: KafkaClient;
  readonly registry: ReturnType<typeof createMemoryRegistry>;
  /** Writes plain records, one a value, at `timestamp`. */
  write(
    topic: string,
    values: readonly (Buffer | null)[],
    options?: { partition?: number; headers?: RecordHeaders; timestamp?: number },
  ): Promise<void>;
  /** Writes ledger rows as a stage does. */
  report(...rows: readonly Partial<BatchProgressed>[]): Promise<void>;
  /** Ends a partition in a marker, as a transaction does. */
  endInMarker(topic: string, partition: number): Promise<void>;
}

export const nowMs = Date.parse('2026-01-01T00:00:00Z');
export const clock = { now: () => nowMs };

/** A broker in memory with every topic of the catalogue, two partitions each. */
export function createMemoryFleet({ without = [] }: { readonly without?: readonly string[] } = {}): MemoryFleet {
  let brokerMs = nowMs;
  const broker = createMemoryBroker({ clock: { now: () => brokerMs } });
  for (const { name, partitions, config } of allTopics({ chainPartitions: 2, replicationFactor: 1 })) {
    if (!without.includes(name)) broker.createTopic(name, partitions, config);
  }
  const client = broker.connect();
  const registry = createMemoryRegistry();
  const schemaId = registry.register(topics.batchProgressed.schema);
  const writeRow = compileWriter<Partial<BatchProgressed>>(topics.batchProgressed.schema);
  const encode = createWireEncoder();

  const write: MemoryFleet['write'] = async (topic, values, { partition = 0, headers = [], timestamp = nowMs } = {}) => {
    const producer = await client.openIdempotentProducer();
    brokerMs = timestamp;
    await producer.send(values.map((value) => ({ topic, partition, key: null, value, headers, timestamp })));
    await producer.close();
    brokerMs = nowMs;
  };
  return {
    client,
    registry,
    write,
    report: (...rows) =>
      write(
        topics.batchProgressed.name,
        rows.map((row) => encode(schemaId, writeRow, row)),
      ),
    async endInMarker(topic, partition) {
      const producer = await client.openTransactionalProducer({
        transactionalId: `marker-${topic}-${partition}`,
        transactionTimeoutMs: 10_000,
      });
      await producer.fence();
      await producer.begin();
      await producer.send([{ topic, partition, key: null, value: Buffer.from('aborted'), headers: [], timestamp: nowMs }]);
      await producer.abort();
      await producer.close();
    },
  };
}
