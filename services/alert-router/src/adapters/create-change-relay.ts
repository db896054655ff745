import { compileWriter, createWireEncoder, topics, type IncidentChanged } from '@vigil/contracts';
import {
  partitionOf,
  valueSubjectOf,
  type IdempotentProducer,
  type KafkaClient,
  type ProducedRecord,
  type SchemaRegistry,
} from '@vigil/kafka';
import { inTransaction } from '@vigil/postgres';
import type pg from 'pg';
import type { RelayChanges } from '../handlers/ports.ts';

export interface ChangeRelayOptions {
  readonly pool: pg.Pool;
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
}

export interface ChangeRelay {
  readonly relay: RelayChanges;
  readonly close: () => Promise<void>;
}

const topic = topics.incidentChanged;
const atOnce = 500;
/** One relay at a time keeps the changes of an incident in order. Any constant. */
const advisoryLock = 7_236_517;

const takeSql = `
  DELETE FROM alerting.change_outbox WHERE id IN (SELECT id FROM alerting.change_outbox ORDER BY id LIMIT $1)
  RETURNING id, change`;

/**
 * Publishes changes of incidents, oldest first, and forgets them once the broker has acknowledged. At least once: a
 * crash in between publishes again, with the same change id.
 */
export function createChangeRelay({ pool, client, registry }: ChangeRelayOptions): ChangeRelay {
  const write = compileWriter<IncidentChanged>(topic.schema);
  const encode = createWireEncoder();
  let producer: IdempotentProducer | undefined;
  let partitions: number | undefined;

  const toRecords = async (changes: readonly IncidentChanged[]): Promise<readonly ProducedRecord[]> => {
    const schemaId = await registry.idOf(valueSubjectOf(topic.name), topic.schema);
    partitions ??= (await client.admin.describeTopics([topic.name]))[0]?.partitions ?? 1;
    const count = partitions;
    return changes.map((change) => {
      const key = Buffer.from(change.incidentId, 'utf8');
      const value = encode(schemaId, write, change);
      return { topic: topic.name, partition: partitionOf(key, count), key, value, headers: [], timestamp: null };
    });
  };
  const publish = async (changes: readonly IncidentChanged[]): Promise<void> => {
    const records = await toRecords(changes);
    producer ??= await client.openIdempotentProducer();
    try {
      await producer.send(records);
    } catch (error) {
      const failed = producer;
      producer = undefined;
      await failed.close().catch(() => undefined);
      throw error;
    }
  };

  const relay: RelayChanges = () =>
    inTransaction(pool, async (transaction) => {
      const { rows: lock } = await transaction.query<{ held: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS held', [advisoryLock]);
      if (lock[0]?.held !== true) return 0;
      const { rows } = await transaction.query<{ id: number; change: IncidentChanged }>(takeSql, [atOnce]);
      rows.sort((a, b) => a.id - b.id);
      if (rows.length > 0) await publish(rows.map(({ change }) => change));
      return rows.length;
    });

  return {
    relay,
    close: async () => {
      await producer?.close();
    },
  };
}
