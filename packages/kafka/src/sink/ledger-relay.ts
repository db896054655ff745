import { topics, type BatchProgressed } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import { createValueEncoder, type ValueEncoder } from '../codec/value-encoder.ts';
import type { KafkaClient } from '../ports/kafka-client.ts';
import { valueSubjectOf, type SchemaRegistry } from '../ports/schema-registry.ts';
import type { SerialSender } from './serial-sender.ts';
import type { SinkTarget } from './sink-target.ts';

export interface LedgerRelayOptions {
  readonly target: SinkTarget;
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  readonly sender: SerialSender;
  /** Ledger rows wait in the target until the next try. */
  readonly onFailed: (error: unknown) => void;
}

/** Publishes the ledger rows that a sink wrote beside its data. */
export interface LedgerRelay {
  /** Publishes what waits, unless that is under way; then once more when it ends. */
  nudge(): void;
  /** Resolves when everything is published, or could not be. */
  settle(): Promise<void>;
}

const { name: ledgerTopic, schema: ledgerSchema } = topics.batchProgressed;

async function countPartitions({ admin }: KafkaClient): Promise<number> {
  const [ledger] = await admin.describeTopics([ledgerTopic]);
  if (!ledger) throw new VigilError('TOPIC_MISSING', { detail: ledgerTopic });
  return ledger.partitions;
}

export function createLedgerRelay({ target, client, registry, sender, onFailed }: LedgerRelayOptions): LedgerRelay {
  let encoder: ValueEncoder | undefined;
  let partitions: number | undefined;
  let running: Promise<void> | undefined;
  let again = false;

  const publish = async (rows: readonly BatchProgressed[]): Promise<void> => {
    encoder ??= createValueEncoder(ledgerSchema, await registry.idOf(valueSubjectOf(ledgerTopic), ledgerSchema));
    partitions ??= await countPartitions(client);
    const encode = encoder;
    const count = partitions;
    await sender.send(
      rows.map((row) => ({
        topic: ledgerTopic,
        partition: row.partition % count,
        key: Buffer.from(row.stage, 'utf8'),
        value: encode(row),
        headers: [],
        timestamp: null,
      })),
    );
  };

  const run = async (): Promise<void> => {
    do {
      again = false;
      await target.relayLedger(publish);
    } while (again);
  };

  const nudge = (): void => {
    again = true;
    running ??= run()
      .catch(onFailed)
      .finally(() => {
        running = undefined;
      });
  };

  return {
    nudge,
    async settle() {
      nudge();
      await running;
    },
  };
}
