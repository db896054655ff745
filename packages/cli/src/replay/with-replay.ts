import { createQuotaAdmin, openKafkaMaintenance, type KafkaClient, type KafkaMaintenance, type QuotaAdmin } from '@vigil/kafka';
import { createPool, createReplayJobs, type ReplayableSink, type ReplayJobs } from '@vigil/postgres';
import { addressOf } from '../connect/addresses.ts';
import { asKafkaError } from '../connect/kafka-error.ts';
import { withKafka } from '../connect/with-kafka.ts';

export type Pool = ReturnType<typeof createPool>;

/** What replays work with. */
export interface ReplayTools {
  readonly client: KafkaClient;
  readonly maintenance: KafkaMaintenance;
  readonly quotas: Pick<QuotaAdmin, 'alter'>;
  readonly jobs: ReplayJobs;
  /** The owner's connections to the database of a sink. */
  readonly poolOf: (sink: ReplayableSink) => Pool;
}

const poolAt = (url: string): Pool => createPool({ url, applicationName: 'vigil-replay', maxConnections: 3 });

/** Work with Kafka and both databases; all of it is closed whatever becomes of the work. */
export const withReplay = <Result>(work: (tools: ReplayTools) => Promise<Result>): Promise<Result> =>
  withKafka(async (client) => {
    const brokers = addressOf('kafkaBrokers').split(',');
    const pools = { vigil: poolAt(addressOf('databaseUrl')), vigil_warehouse: poolAt(addressOf('warehouseUrl')) };
    const maintenance = await openKafkaMaintenance(brokers, 'vigil-replay').catch((error: unknown) => {
      throw asKafkaError(error, `Brokers: ${brokers.join(', ')}.`);
    });
    const quotas = createQuotaAdmin({ brokers, clientId: 'vigil-replay' });
    try {
      return await work({ client, maintenance, quotas, jobs: createReplayJobs(pools.vigil), poolOf: ({ database }) => pools[database] });
    } finally {
      await Promise.all([maintenance.close(), quotas.close()]);
      await Promise.all(Object.values(pools).map((pool) => pool.end()));
    }
  });
