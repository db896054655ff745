import { compileReader, requireWireId, topics, wireHeaderBytes, type ReadingAccepted } from '@vigil/contracts';
import type { FetchedRecord, KafkaClient } from '@vigil/kafka';
import { hash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

const schema = topics.vitalsReadingAccepted.schema;

/** By event id, or by the place a refused record came from: what came of it, as one short text. */
export type OutcomeTable = ReadonlyMap<string, string>;

async function readTopic(client: KafkaClient, topic: string, each: (record: FetchedRecord) => void): Promise<void> {
  const fetcher = await client.openFetcher();
  try {
    for (const [partition, end] of (await client.admin.stableOffsets(topic)).entries()) {
      if (end === 0) continue;
      fetcher.assign({ topic, partition }, 0);
      for (let position = 0; position < end;) {
        for (const batch of await fetcher.poll(500)) {
          position = batch.nextOffset;
          for (const record of batch.records) each(record);
        }
      }
      fetcher.unassign({ topic, partition });
    }
  } finally {
    await fetcher.close();
  }
}

/** Accepted readings by event id: a hash over key and every byte of the value. */
async function readAccepted(client: KafkaClient, topic: string, into: Map<string, string>): Promise<void> {
  const read = compileReader<Pick<ReadingAccepted, 'eventId'>>(schema, schema);
  await readTopic(client, topic, ({ key, value }) => {
    if (!key || !value) throw new Error(`${topic} holds a record without key or value.`);
    requireWireId(value);
    const { eventId } = read(value, wireHeaderBytes);
    if (into.has(eventId)) throw new Error(`${topic} holds ${eventId} twice.`);
    into.set(eventId, hash('sha256', Buffer.concat([key, value]), 'base64').slice(0, 16));
  });
}

/** Refused messages by where they came from: the code. */
async function readRefused(client: KafkaClient, topic: string, into: Map<string, string>): Promise<void> {
  await readTopic(client, topic, (record) => {
    const headers = new Map(record.headers().map(([name, value]) => [name, String(value)]));
    into.set(`${headers.get('vigil-origin-partition')}/${headers.get('vigil-origin-offset')}`, headers.get('vigil-error-code') ?? '');
  });
}

export interface IngestOutputs {
  readonly accepted: string;
  readonly quarantine: string;
}

/** Everything that a program made of the input: one entry a record, none for a repeat. */
export async function readOutcomes(client: KafkaClient, { accepted, quarantine }: IngestOutputs): Promise<OutcomeTable> {
  const table = new Map<string, string>();
  // A program's last transaction may end a moment after its position was committed.
  await pause(1_000);
  await readAccepted(client, accepted, table);
  await readRefused(client, quarantine, table);
  return table;
}
