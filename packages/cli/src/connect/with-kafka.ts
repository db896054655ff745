import type { KafkaClient } from '@vigil/kafka';
import { addressOf } from './addresses.ts';
import { asKafkaError } from './kafka-error.ts';

/**
 * Work with a connection that is closed whatever becomes of it.
 *
 * @throws VigilError KAFKA_AWAY, and what `work` throws
 * @param address  brokers, separated by commas; those of the environment or the local stack when left out
 */
export async function withKafka<Result>(work: (client: KafkaClient) => Promise<Result>, address?: string): Promise<Result> {
  const brokers = (address ?? addressOf('kafkaBrokers')).split(',');
  const { createKafkaClient } = await import('@vigil/kafka');
  const client = createKafkaClient({ brokers, clientId: 'vigil-cli' });
  try {
    return await work(client);
  } catch (error) {
    throw asKafkaError(error, `Brokers: ${brokers.join(', ')}.`);
  } finally {
    await client.close();
  }
}
