import { systemClock } from '@vigil/core';
import { createKafkaClient, createRegistry, measureLag, type PartitionLag, type KafkaClient, type SchemaRegistry } from '@vigil/kafka';
import { openSinkPositions } from '@vigil/postgres';
import { fleetStatus, stackEnv, stackPaths, type Cluster, type FleetPartStatus, type StackEnv, type StackPaths } from '@vigil/stack';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clocks } from './clocks.ts';
import type { Ground } from './ground.ts';
import type { Network } from './network.ts';
import type { SmallDisks } from './small-disks.ts';

/** A fleet that runs, as a fault finds it. */
export interface World {
  /** Of the fleet. */
  readonly paths: StackPaths;
  /** Of the stack that it stands on; the same where both were started as one. */
  readonly stack: StackPaths;
  /** By which the stack finds the parts that are not its own. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Addresses without what lies between the fleet and its stack. */
  readonly env: StackEnv;
  readonly connect: () => KafkaClient;
  readonly registry: SchemaRegistry;
  readonly say: (line: string) => void;
  /** Three brokers in place of the stack's one. */
  readonly cluster: Cluster | undefined;
  /** Links between the fleet and its stack. */
  readonly network: Network | undefined;
  readonly disks: SmallDisks | undefined;
  readonly clocks: Clocks | undefined;
}

export const openWorld = (home: string, say: (line: string) => void, ground?: Ground): World => {
  const paths = stackPaths({ ...process.env, VIGIL_HOME: home });
  const own = stackEnv(paths);
  const env: StackEnv = ground
    ? { ...own, kafkaBrokers: ground.direct.kafkaBrokers, databaseUrl: ground.direct.databaseUrl, warehouseUrl: ground.direct.warehouseUrl }
    : own;
  return {
    paths,
    stack: ground?.stack ?? paths,
    environment: ground?.environment ?? process.env,
    env,
    connect: () => createKafkaClient({ brokers: env.kafkaBrokers.split(','), clientId: 'vigil-chaos' }),
    registry: createRegistry({ url: env.schemaRegistryUrl }),
    say,
    cluster: ground?.cluster,
    network: ground?.network,
    disks: ground?.disks,
    clocks: ground?.clocks,
  };
};

/** @throws when the fleet has a single broker */
export function clusterOf({ cluster }: World): Cluster {
  if (!cluster) throw new Error('This fault needs the cluster of three brokers.');
  return cluster;
}

/** @throws when the fleet speaks to its stack without links between */
export function networkOf({ network }: World): Network {
  if (!network) throw new Error('This fault needs a fleet behind links that can be cut.');
  return network;
}

export async function withClient<Result>({ connect }: World, work: (client: KafkaClient) => Promise<Result>): Promise<Result> {
  const client = connect();
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** Files are closed this often by design (`VIGIL_LOADER_ROLL_MS`): a record that waits for it is not behind. */
const rollSeconds = 15;
const rolling: ReadonlySet<string> = new Set(['warehouse-loader.lake', 'warehouse-loader.archive']);

/** By how much a lag is more than the rhythm of its group explains. */
export const beyondRhythm = ({ group, lagSeconds }: Pick<PartitionLag, 'group' | 'lagSeconds'>): number =>
  Math.max(0, rolling.has(group) ? lagSeconds - rollSeconds : lagSeconds);

/** Seconds by which the group that is furthest behind is behind. */
export async function worstLagSeconds({ env }: World, client: KafkaClient): Promise<number> {
  const positions = openSinkPositions([env.databaseUrl, env.warehouseUrl], 'vigil-chaos');
  try {
    const lags = await measureLag({ client, sinkPositions: () => positions.read(), clock: systemClock });
    return Math.max(0, ...lags.map(beyondRhythm));
  } finally {
    await positions.close();
  }
}

/** A part of the fleet that runs now, with its process. */
export function runningPart({ paths }: World, name: string): FleetPartStatus & { readonly pid: number } {
  const part = fleetStatus(paths).find((candidate) => candidate.name === name);
  if (!part || part.pid === null) throw new Error(`${name} does not run in ${paths.home}; start the fleet with: vigil up`);
  return { ...part, pid: part.pid };
}

/** Waits until `probe` says yes; what it throws meanwhile is a no. */
export async function until(what: string, probe: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
  const endMs = performance.now() + withinMs;
  let last: unknown;
  while (performance.now() < endMs) {
    try {
      if (await probe()) return;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await sleep(200);
  }
  throw new Error(`Not within ${withinMs / 1000} s: ${what}.`, { cause: last });
}
