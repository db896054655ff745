import { systemClock, type Clock } from '@vigil/core';
import type { KafkaClient, SchemaRegistry } from '@vigil/kafka';
import { createPool } from '@vigil/postgres';
import { addressOf } from '../connect/addresses.ts';
import { openRegistry } from '../connect/open-registry.ts';
import { withKafka } from '../connect/with-kafka.ts';
import { createRequestStore, type RequestStore } from './request-store.ts';

/** What work on quarantines needs. */
export interface QuarantineWorld {
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  readonly store: RequestStore;
  readonly clock: Clock;
}

/** Work with Kafka, the registry and the requests in PostgreSQL; what is open is closed whatever becomes of it. */
export async function withQuarantine<Result>(work: (world: QuarantineWorld) => Promise<Result>): Promise<Result> {
  const pool = createPool({ url: addressOf('databaseUrl'), applicationName: 'vigil-cli', maxConnections: 2 });
  try {
    const store = createRequestStore(pool);
    return await withKafka((client) => work({ client, registry: openRegistry(), store, clock: systemClock }));
  } finally {
    await pool.end();
  }
}
