import { topics } from '@vigil/contracts';
import { createKafkaClient } from '@vigil/kafka';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { openBenchHome, vigil, type BenchHome } from '../measure/bench-home.ts';
import { loadClosed, loadOpen, loadTopic, noCounts, readingBytes, type Gateway, type LoadCounts } from '../measure/device-load.ts';
import { startOverloadSampler } from '../measure/overload-sampler.ts';
import { startProbeWard } from '../measure/probe-ward.ts';
import { readLedger } from '../measure/read-ledger.ts';
import type { OverloadMeasured, PagedAt, Span } from '../overload-report.ts';

const calibrationSeconds = 12;
const overload = 3;
/** Of what was measured as capacity: below it, with room for what else the machine does. */
const quotaShare = 0.7;
/** device-ingest's default upper limit: at it nothing is held back. */
const maxAdmittedRate = 20_000;
const longestRecoverySeconds = 120;
const deviceClientId = 'bench-devices';

async function processedBy({ client }: BenchHome, group: string, topic: string): Promise<number> {
  return (await client.admin.committed(group, [topic])).reduce((sum, { offset }) => sum + (offset ?? 0), 0);
}

/** What windowing processes a second while the gateway takes all it can; the first third is warming up. */
async function measureCapacity(home: BenchHome, gateway: Gateway, counts: LoadCounts): Promise<number> {
  const load = loadClosed(gateway, calibrationSeconds, counts);
  await sleep((calibrationSeconds / 3) * 1000);
  const topic = topics.vitalsReadingAccepted.name;
  const [before, startMs] = [await processedBy(home, 'vitals-windowing', topic), Date.now()];
  await load;
  return ((await processedBy(home, 'vitals-windowing', topic)) - before) / ((Date.now() - startMs) / 1000);
}

async function pagesOf(databaseUrl: string): Promise<PagedAt[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<PagedAt>(
      `SELECT (extract(epoch FROM finished_at) * 1000)::float AS "atMs", latency_ms::float AS "latencyMs"
       FROM alerting.delivery_attempt WHERE latency_ms IS NOT NULL AND outcome = 'accepted' ORDER BY finished_at`,
    );
    return rows;
  } finally {
    await client.end();
  }
}

/** Waits until the gateway admits everything again and the groups have caught up. */
async function settle(look: () => { readonly admittedRate: number | null; readonly lagSeconds: number | null } | undefined): Promise<void> {
  for (let second = 0; second < longestRecoverySeconds; second++) {
    await sleep(1000);
    const now = look();
    if (now && second >= 5 && (now.admittedRate ?? 0) >= maxAdmittedRate && (now.lagSeconds ?? 99) < 1) return;
  }
}

async function spanOf(name: string, work: () => Promise<void>): Promise<Span> {
  const fromMs = Date.now();
  await work();
  return { name, fromMs, toMs: Date.now() };
}

async function floodTopic(home: BenchHome, bytesPerSecond: number, seconds: number, counts: LoadCounts): Promise<void> {
  await vigil(['quotas', 'set', '--client-id', deviceClientId, '--producer-bytes', String(bytesPerSecond)]);
  const client = createKafkaClient({ brokers: home.env.kafkaBrokers.split(','), clientId: deviceClientId });
  const producer = await client.openIdempotentProducer();
  try {
    await loadTopic(producer, seconds, counts);
  } finally {
    await producer.close();
    await client.close();
  }
}

/**
 * More than the fleet can carry: first three times its capacity through the gateway, then straight to the topic under a
 * client quota; beside both a small ward whose patients get worse. Sender, brokers, databases and services share this machine.
 */
export async function benchOverload(seconds: number): Promise<OverloadMeasured> {
  const home = await openBenchHome({ name: 'overload', fleet: true });
  const { gatewayUrl: url, gatewayApiKey: apiKey, schemaRegistryUrl, databaseUrl } = home.env;
  const gateway: Gateway = { url, apiKey };
  const counts = { calibration: noCounts(), gateway: noCounts(), topic: noCounts() };
  const total = (pick: keyof LoadCounts): number => counts.calibration[pick] + counts.gateway[pick] + counts.topic[pick];
  const sum = (): LoadCounts => ({
    offered: total('offered'),
    admitted: total('admitted'),
    refused: total('refused'),
    failed: total('failed'),
  });
  try {
    const sampler = await startOverloadSampler({ client: home.client, schemaRegistryUrl, counts: sum });
    const settled = (): Promise<void> => settle(() => sampler.samples.at(-1));
    const capacity = await measureCapacity(home, gateway, counts.calibration);
    await settled();

    const probes: number[] = [];
    const beside = async (name: string, work: () => Promise<void>): Promise<Span> => {
      const ward = startProbeWard(gateway, { name, patients: 30, seconds });
      const span = await spanOf(name, work);
      probes.push(await ward.stop());
      await settled();
      return span;
    };
    const gatewaySpan = await beside('GATEWAY', () => loadOpen(gateway, capacity * overload, seconds, counts.gateway));
    const quotaBytesPerSecond = Math.round(capacity * quotaShare * readingBytes);
    const topicSpan = await beside('QUOTA', () => floodTopic(home, quotaBytesPerSecond, seconds, counts.topic));
    await sampler.stop();

    const { balanced } = await vigil<{ balanced: boolean }>(['ledger', '--wait', '300']);
    const rows = (await readLedger(home.client, 'device-ingest')).filter(({ topic }) => topic === topics.vitalsReadingReceived.name);
    return {
      seconds,
      capacity,
      quotaBytesPerSecond,
      spans: { gateway: gatewaySpan, topic: topicSpan },
      gateway: counts.gateway,
      topic: counts.topic,
      acknowledged: total('admitted') + probes.reduce((all, acknowledged) => all + acknowledged, 0),
      consumed: rows.reduce((all, { consumed }) => all + consumed, 0),
      balanced,
      samples: sampler.samples,
      pages: await pagesOf(databaseUrl),
      maxAdmittedRate,
    };
  } finally {
    await home.close();
  }
}
