import { systemClock } from '@vigil/core';
import type { LagSources } from '@vigil/kafka';
import { openSinkPositions } from '@vigil/postgres';
import { addressOf } from './addresses.ts';
import { withKafka } from './with-kafka.ts';

/** Work with Kafka and both databases: where every group of the fleet stands. */
export async function withFleet<Result>(work: (sources: LagSources) => Promise<Result>): Promise<Result> {
  const positions = openSinkPositions([addressOf('databaseUrl'), addressOf('warehouseUrl')], 'vigil-cli');
  try {
    return await withKafka((client) => work({ client, sinkPositions: () => positions.read(), clock: systemClock }));
  } finally {
    await positions.close();
  }
}
