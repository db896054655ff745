import { createRegistry, liveGroups, openObservedLags, type KafkaClient } from '@vigil/kafka';
import { partPort } from '@vigil/stack';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { vigil } from './bench-home.ts';
import type { LoadCounts } from './device-load.ts';
import { processUsage } from './process-usage.ts';

/** The fleet at one moment. */
export interface OverloadSample extends LoadCounts {
  /** Since the sampler began. */
  readonly second: number;
  readonly atMs: number;
  /** Greatest lag of the groups between a reading and a page, as the observer published it. */
  readonly lagSeconds: number | null;
  /** What the gateway admits; the upper limit where nothing is held back. */
  readonly admittedRate: number | null;
  /** Items that the gateway may have under way at once. */
  readonly underWayLimit: number | null;
  /** 99th percentile of how late the event loop of device-ingest turned, since it was asked last. */
  readonly eventLoopMs: number | null;
  /** Resident memory of all services together. */
  readonly residentMiB: number;
  /** Resident memory of device-ingest with its gateway alone. */
  readonly gatewayMiB: number;
  /** Processor time of device-ingest so far, the gateway and the stage together. */
  readonly gatewayCpuSeconds: number;
}

export interface OverloadSampler {
  readonly samples: readonly OverloadSample[];
  stop(): Promise<void>;
}

interface StatusDocument {
  readonly parts: readonly { readonly name: string; readonly kind: string; readonly pid: number | null }[];
}

const residentMiB = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

type GatewayFigures = Pick<OverloadSample, 'admittedRate' | 'underWayLimit' | 'eventLoopMs'>;

/** What device-ingest says of itself; null = it did not answer. */
async function askGateway(): Promise<GatewayFigures> {
  try {
    const text = await (await fetch(`http://127.0.0.1:${partPort('device-ingest.admin')}/metrics`)).text();
    const figure = (name: string): number | null => {
      const found = new RegExp(`^${name}\\{[^}]*\\} (\\S+)$`, 'm').exec(text)?.[1];
      return found === undefined ? null : Number(found);
    };
    const seconds = figure('vigil_nodejs_eventloop_lag_p99_seconds');
    return {
      admittedRate: figure('vigil_gateway_admitted_items_per_second'),
      underWayLimit: figure('vigil_gateway_items_under_way_limit'),
      eventLoopMs: seconds === null ? null : seconds * 1000,
    };
  } catch {
    return { admittedRate: null, underWayLimit: null, eventLoopMs: null };
  }
}

export interface SamplerOptions {
  readonly client: KafkaClient;
  readonly schemaRegistryUrl: string;
  readonly counts: () => LoadCounts;
}

/** Looks once a second until it is stopped. */
export async function startOverloadSampler({ client, schemaRegistryUrl, counts }: SamplerOptions): Promise<OverloadSampler> {
  const { parts } = await vigil<StatusDocument>(['status']);
  const services = parts.flatMap(({ name, kind, pid }) => (kind === 'service' && pid !== null ? [{ name, pid }] : []));
  const gatewayPid = services.find(({ name }) => name === 'device-ingest')?.pid;
  const observed = openObservedLags(client, createRegistry({ url: schemaRegistryUrl }));
  const samples: OverloadSample[] = [];
  const startMs = Date.now();
  let stopped = false;
  const look = async (): Promise<void> => {
    const lags = await observed.read(0);
    const known = liveGroups.flatMap((group) => lags.get(group)?.lagSeconds ?? []);
    const memory = services.map(({ name, pid }) => ({ name, MiB: residentMiB(pid) }));
    const atMs = Date.now();
    samples.push({
      ...counts(),
      second: (atMs - startMs) / 1000,
      atMs,
      lagSeconds: known.length === 0 ? null : Math.max(...known),
      ...(await askGateway()),
      residentMiB: memory.reduce((sum, { MiB }) => sum + MiB, 0),
      gatewayMiB: memory.find(({ name }) => name === 'device-ingest')?.MiB ?? 0,
      gatewayCpuSeconds: gatewayPid === undefined ? 0 : processUsage(gatewayPid).cpuSeconds,
    });
  };
  const run = async (): Promise<void> => {
    while (!stopped) {
      const due = Date.now() + 1000;
      await look();
      await sleep(Math.max(0, due - Date.now()));
    }
  };
  const running = run();
  return {
    samples,
    stop: async () => {
      stopped = true;
      try {
        await running;
      } finally {
        await observed.close();
      }
    },
  };
}
