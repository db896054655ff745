import { systemClock } from '@vigil/core';
import { createPool } from '@vigil/postgres';
import { addressOf } from '../connect/addresses.ts';
import { openRegistry } from '../connect/open-registry.ts';
import { withKafka } from '../connect/with-kafka.ts';
import type { ReviewWorld } from './decide-review.ts';
import { createReviewStore, type ReviewStore } from './review-store.ts';
import { secondPersonCentsOf } from './second-person.ts';

/** Work with the queue in PostgreSQL alone. */
export async function withReviewStore<Result>(work: (store: ReviewStore) => Promise<Result>): Promise<Result> {
  const pool = createPool({ url: addressOf('databaseUrl'), applicationName: 'vigil-cli', maxConnections: 2 });
  try {
    return await work(createReviewStore(pool));
  } finally {
    await pool.end();
  }
}

/** Work with the queue, Kafka and the registry; what is open is closed whatever becomes of it. */
export const withReviews = <Result>(work: (world: ReviewWorld) => Promise<Result>): Promise<Result> => {
  const secondPersonCents = secondPersonCentsOf(process.env);
  return withReviewStore((store) =>
    withKafka((client) => work({ client, registry: openRegistry(), store, clock: systemClock, secondPersonCents })),
  );
};
