import { topics } from '@vigil/contracts';
import { partitionOf, type IdempotentProducer } from '@vigil/kafka';
import { createWard, type WardMessage } from '@vigil/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { latencyOf, type Round } from '../bench-report.ts';
import { openBenchHome, vigil, type BenchHome } from '../measure/bench-home.ts';
import { fleetUsage } from '../measure/fleet-usage.ts';

export interface AlertsOptions {
  readonly messagesPerSecond: number;
  readonly seconds: number;
  /** At most 60: a provider takes 120 pages a minute. */
  readonly deteriorating: number;
}

const partitions = 4;
const slicesPerSecond = 20;
const topic = topics.vitalsReadingReceived.name;

async function publish(producer: IdempotentProducer, messages: readonly WardMessage[]): Promise<void> {
  for (let at = 0; at < messages.length; at += 2_000) {
    await producer.send(
      messages.slice(at, at + 2_000).map(({ key, value }) => {
        const bytes = Buffer.from(key);
        return { topic, partition: partitionOf(bytes, partitions), key: bytes, value, headers: [], timestamp: null };
      }),
    );
  }
}

/** Sends at the given pace; a slice that comes late is sent at once, so that the average holds. Answers the seconds it took. */
async function play(
  { client }: BenchHome,
  { messagesPerSecond, seconds, deteriorating }: AlertsOptions,
): Promise<{ sent: number; seconds: number }> {
  const ward = createWard({ seed: 1, patients: messagesPerSecond, name: 'PACED' });
  const producer = await client.openIdempotentProducer();
  // Spread over the ward, whatever its size.
  const worse = Math.min(deteriorating, messagesPerSecond);
  const startMs = Date.now();
  let sent = 0;
  for (let second = 0; second < seconds; second++) {
    if (second === 3)
      for (let patient = 0; patient < worse; patient++)
        ward.deteriorate(Math.floor((patient * messagesPerSecond) / worse), 5 + (patient % Math.max(1, seconds - 12)));
    const round = ward.round(startMs + second * 1000);
    const size = Math.ceil(round.length / slicesPerSecond);
    for (let slice = 0; slice < slicesPerSecond; slice++) {
      await sleep(Math.max(0, startMs + second * 1000 + (slice * 1000) / slicesPerSecond - Date.now()));
      await publish(producer, round.slice(slice * size, (slice + 1) * size));
    }
    sent += round.length;
  }
  await producer.close();
  return { sent, seconds: (Date.now() - startMs) / 1000 };
}

async function latenciesOf(databaseUrl: string): Promise<number[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ ms: number }>(
      `SELECT latency_ms::float AS ms FROM alerting.delivery_attempt WHERE latency_ms IS NOT NULL`,
    );
    return rows.map(({ ms }) => ms);
  } finally {
    await client.end();
  }
}

/**
 * Alert latency, `receivedAt` → the provider's 2xx, while the whole fleet works at a paced load.
 * Sender, broker, databases and all services share this machine's cores; CPU and memory are those of the services.
 */
export async function benchAlerts(options: AlertsOptions): Promise<Round> {
  const home = await openBenchHome({ name: 'alerts', fleet: true });
  try {
    const before = await fleetUsage();
    const { sent, seconds } = await play(home, options);
    const { balanced } = await vigil<{ balanced: boolean }>(['ledger', '--wait', '300']);
    if (!balanced) throw new Error('The ledger does not balance: the figures would not count.');
    const after = await fleetUsage();
    const latencies = await latenciesOf(home.env.databaseUrl);
    if (latencies.length === 0) throw new Error('No page was accepted: there is no latency to report.');
    return {
      records: sent,
      seconds,
      throughput: sent / seconds,
      cpuSecondsPerMillion: ((after.cpuSeconds - before.cpuSeconds) / sent) * 1_000_000,
      peakMemoryMiB: after.peakMemoryMiB,
      latencyMs: latencyOf(latencies),
    };
  } finally {
    await home.close();
  }
}
