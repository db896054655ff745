import type { KafkaClient, ProducedRecord } from '@vigil/kafka';
import { setTimeout as pause } from 'node:timers/promises';

const sliceMs = 10;
/** Below this share of the rate that was asked for, a latency is that of another load. */
const leastShare = 0.95;

export interface SentPaced {
  /** When each record was handed to the producer, milliseconds since the epoch. */
  readonly sentAtMs: Float64Array;
  /** Records a second, acknowledged. */
  readonly rate: number;
}

/**
 * Sends what is due every ten milliseconds.
 *
 * @throws when the broker does not take the rate
 */
export async function sendPaced(client: KafkaClient, records: readonly ProducedRecord[], rate: number): Promise<SentPaced> {
  const producer = await client.openIdempotentProducer();
  const sentAtMs = new Float64Array(records.length);
  const startMs = performance.now();
  let sent = 0;
  try {
    while (sent < records.length) {
      const due = Math.min(records.length, Math.floor(((performance.now() - startMs) / 1000) * rate));
      const nowMs = Date.now();
      if (due > sent) {
        sentAtMs.fill(nowMs, sent, due);
        await producer.send(records.slice(sent, due));
        sent = due;
      }
      await pause(sliceMs);
    }
  } finally {
    await producer.close();
  }
  const reached = records.length / ((performance.now() - startMs) / 1000);
  if (reached < rate * leastShare) throw new Error(`The broker took ${Math.round(reached)} of ${rate} readings a second: no latency.`);
  return { sentAtMs, rate: reached };
}
