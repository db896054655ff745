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

const warmUpSeconds = 10;
const calibrationSeconds = 15;
const overload = 3;
/** Of what was measured as capacity: below it, with room for what else the machine does. */
const quotaShare = 0.7;
/** device-ingest's default upper limit: at it nothing is held back. */
const maxAdmittedRate = 20_000;
const longestRecoverySeconds = 120;
const deviceClientId = 'bench-devices';

const windowed = topics.vitalsReadingAccepted.name;

/** Whether windowing has read everything that device-ingest accepted, and device-ingest all that it received. */
async function isWorkedOff({ client: { admin } }: BenchHome): Promise<boolean> {
  for (const [group, topic] of [
    ['device-ingest', topics.vitalsReadingReceived.name],
    ['vitals-windowing', windowed],
  ] as const) {
    const ends = await admin.stableOffsets(topic);
    const positions = await admin.committed(group, [topic]);
    // A last marker may stay unread for a moment.
    if (positions.some(({ partition, offset }) => (ends[partition] ?? 0) - (offset ?? 0) > 1)) return false;
  }
  return true;
}

/** Offsets of accepted readings that windowing has passed. */
async function windowedSoFar({ client: { admin } }: BenchHome): Promise<number> {
  const positions = await admin.committed('vitals-windowing', [windowed]);
  return positions.reduce((sum, { offset }) => sum + (offset ?? 0), 0);
}

/** Readings a second that windowing worked off while as many were sent as the gateway took, after everything had warmed up. */
async function measureCapacity(home: BenchHome, gateway: Gateway, counts: LoadCounts): Promise<number> {
  const load = loadClosed(gateway, warmUpSeconds + calibrationSeconds, counts);
  await sleep(warmUpSeconds * 1000);
  const [fromMs, before] = [Date.now(), await windowedSoFar(home)];
  await load;
  const capacity = ((await windowedSoFar(home)) - before) / ((Date.now() - fromMs) / 1000);
  while (!(await isWorkedOff(home))) await sleep(200);
  return capacity;
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
    unavailable: total('unavailable'),
    unanswered: total('unanswered'),
    unsent: total('unsent'),
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
