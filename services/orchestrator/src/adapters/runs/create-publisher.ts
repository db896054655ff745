import { compileWriter, createWireEncoder, topics, type AvroWriter, type Topic } from '@vigil/contracts';
import { classifyError } from '@vigil/core';
import {
  partitionOf,
  valueSubjectOf,
  type IdempotentProducer,
  type KafkaClient,
  type ProducedRecord,
  type SchemaRegistry,
} from '@vigil/kafka';
import { inTransaction, toDatabaseError } from '@vigil/postgres';
import type pg from 'pg';
import type { OutboxMessage } from '../../domain/runs/run-hooks.ts';
import type { ClaimedMessage } from './outbox-rows.ts';

export interface PublisherOptions {
  readonly pool: pg.Pool;
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  /** How long a claimed message is this process's: longer than a publication may take. */
  readonly claimMs: number;
  /** Told of what Kafka has acknowledged, at least once; returns at once and never throws. */
  readonly onPublished?: ((messages: readonly OutboxMessage[]) => void) | undefined;
  /** Told of a message that is larger than its topic takes: it is dropped, and the lease of its attempt tells the rest. */
  readonly onRefused: (message: OutboxMessage) => void;
}

export interface Publisher {
  /**
   * Publishes messages that this process claimed and removes them after the acknowledgement. What fails stays, for the relay.
   *
   * @throws VigilError of the broker or the database
   */
  publish(messages: readonly ClaimedMessage[]): Promise<void>;
  /**
   * Publishes what is left over: of a process that died, or that had to wait for an older message of its key. At least once:
   * readers know a message by its id.
   *
   * @returns how many
   */
  relay(): Promise<number>;
  close(): Promise<void>;
}

const relayedAtOnce = 500;
/** One process at a time claims, so that nobody claims a message whose older sister another one is just claiming. Any constant. */
const claimLock = 7_236_521;

const claimSql = `
  WITH due AS (
    SELECT id FROM orchestration.outbox o
    WHERE (claimed_until IS NULL OR claimed_until < clock_timestamp()) AND NOT EXISTS (
      SELECT FROM orchestration.outbox older
      WHERE older.topic = o.topic AND older.key = o.key AND older.id < o.id AND older.claimed_until >= clock_timestamp())
    ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
  )
  UPDATE orchestration.outbox o SET claimed_until = clock_timestamp() + $2 * interval '1 millisecond' FROM due WHERE o.id = due.id
  RETURNING o.id, topic, key, value`;

/** The relay need not wait until the claim ends; where this fails, too, it waits. */
const releaseSql = 'UPDATE orchestration.outbox SET claimed_until = NULL WHERE id = ANY($1::bigint[])';
const forgetSql = 'DELETE FROM orchestration.outbox WHERE id = ANY($1::bigint[])';

interface Encoder {
  readonly topic: Topic;
  readonly schemaId: number;
  readonly write: AvroWriter<unknown>;
  readonly partitions: number;
}

const catalogue: ReadonlyMap<string, Topic> = new Map(Object.values<Topic>(topics).map((topic) => [topic.name, topic]));

/** Encodes messages for the topics of the catalogue. */
function createEncoders({
  client,
  registry,
}: PublisherOptions): (messages: readonly OutboxMessage[]) => Promise<readonly ProducedRecord[]> {
  const encoders = new Map<string, Promise<Encoder>>();
  const encode = createWireEncoder();
  const open = async (name: string): Promise<Encoder> => {
    const topic = catalogue.get(name) as Topic;
    const schemaId = await registry.idOf(valueSubjectOf(name), topic.schema);
    const partitions = (await client.admin.describeTopics([name]))[0]?.partitions ?? 1;
    return { topic, schemaId, write: compileWriter<unknown>(topic.schema), partitions };
  };
  const encoderOf = (name: string): Promise<Encoder> => {
    const opened = encoders.get(name) ?? open(name);
    encoders.set(name, opened);
    // What could not be opened is tried again with the next message.
    opened.catch(() => encoders.delete(name));
    return opened;
  };
  return async (messages) => {
    const records: ProducedRecord[] = [];
    for (const { topic, key: text, value } of messages) {
      const { schemaId, write, partitions } = await encoderOf(topic);
      const key = Buffer.from(text, 'utf8');
      records.push({
        topic,
        partition: partitionOf(key, partitions),
        key,
        value: encode(schemaId, write, value),
        headers: [],
        timestamp: null,
      });
    }
    return records;
  };
}

/** Carries the outbox to Kafka. */
export function createPublisher(options: PublisherOptions): Publisher {
  const { pool, client, claimMs, onRefused } = options;
  const toRecords = createEncoders(options);
  let producer: Promise<IdempotentProducer> | undefined;

  const send = async (messages: readonly OutboxMessage[]): Promise<void> => {
    const records = await toRecords(messages);
    producer ??= client.openIdempotentProducer();
    const opened = producer;
    try {
      await (await opened).send(records);
    } catch (error) {
      if (producer === opened) producer = undefined;
      await opened.then((failed) => failed.close()).catch(() => undefined);
      throw error;
    }
  };
  /** What is too large for its topic is found and left out: kept, it would hold up the messages of all runs for ever. */
  const sendTakeable = async (messages: readonly ClaimedMessage[]): Promise<readonly ClaimedMessage[]> => {
    try {
      await send(messages);
      return messages;
    } catch (error) {
      if (classifyError(error).code !== 'MESSAGE_TOO_LARGE') throw error;
      if (messages.length === 1) {
        onRefused(messages[0] as ClaimedMessage);
        return [];
      }
      const middle = Math.ceil(messages.length / 2);
      const first = await sendTakeable(messages.slice(0, middle));
      return [...first, ...(await sendTakeable(messages.slice(middle)))];
    }
  };
  const publish = async (messages: readonly ClaimedMessage[]): Promise<void> => {
    if (messages.length === 0) return;
    let sent: readonly ClaimedMessage[];
    try {
      sent = await sendTakeable(messages);
    } catch (error) {
      await pool.query(releaseSql, [messages.map(({ id }) => id)]).catch(() => undefined);
      throw error;
    }
    if (sent.length > 0) options.onPublished?.(sent);
    try {
      await pool.query({ name: 'forget', text: forgetSql, values: [messages.map(({ id }) => id)] });
    } catch (error) {
      throw toDatabaseError(error);
    }
  };
  const claim = (): Promise<readonly ClaimedMessage[]> =>
    inTransaction(pool, async (transaction) => {
      const { rows: lock } = await transaction.query<{ held: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS held', [claimLock]);
      if (lock[0]?.held !== true) return [];
      const { rows } = await transaction.query<ClaimedMessage>({ name: 'claim', text: claimSql, values: [relayedAtOnce, claimMs] });
      return rows.toSorted((a, b) => a.id - b.id);
    });

  return {
    publish,
    async relay() {
      let relayed = 0;
      for (;;) {
        const messages = await claim();
        await publish(messages);
        relayed += messages.length;
        if (messages.length < relayedAtOnce) return relayed;
      }
    },
    close: async () => {
      await (await producer)?.close();
    },
  };
}
