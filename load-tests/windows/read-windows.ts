import { compileReader, requireWireId, topics, wireHeaderBytes, type WindowClosed } from '@vigil/contracts';
import type { KafkaClient } from '@vigil/kafka';
import { setTimeout as pause } from 'node:timers/promises';
import { tableOf, type WindowTable } from './compare-windows.ts';

const schema = topics.vitalsWindowClosed.schema;

/** The committed windows of a topic, of some patients where they are named: only those are decoded. */
async function readOutput(client: KafkaClient, topic: string, patients?: ReadonlySet<string>): Promise<WindowClosed[]> {
  const read = compileReader<WindowClosed>(schema, schema);
  const windows: WindowClosed[] = [];
  const fetcher = await client.openFetcher();
  try {
    for (const [partition, end] of (await client.admin.stableOffsets(topic)).entries()) {
      if (end === 0) continue;
      fetcher.assign({ topic, partition }, 0);
      for (let position = 0; position < end;) {
        for (const batch of await fetcher.poll(500)) {
          position = batch.nextOffset;
          for (const { key, value } of batch.records) {
            if (!value || (patients && !patients.has(String(key)))) continue;
            requireWireId(value);
            windows.push(read(value, wireHeaderBytes));
          }
        }
      }
      fetcher.unassign({ topic, partition });
    }
  } finally {
    await fetcher.close();
  }
  return windows;
}

export interface WantedWindows {
  readonly topic: string;
  readonly before: number;
  readonly count: number;
  /** Only theirs, by token; all where absent. */
  readonly patients?: ReadonlySet<string>;
}

const longestMs = 60_000;

/**
 * The final windows of a program: its last transaction may end a moment after its position was committed.
 *
 * @throws when there are fewer than the input makes
 */
export async function readWindows(client: KafkaClient, { topic, before, count, patients }: WantedWindows): Promise<WindowTable> {
  const until = Date.now() + longestMs;
  for (;;) {
    const table = tableOf(await readOutput(client, topic, patients), before);
    if (table.size >= count) return table;
    if (Date.now() > until)
      throw new Error(`${topic} holds ${table.size} windows and the input makes ${count}: the figures would not count.`);
    await pause(500);
  }
}
