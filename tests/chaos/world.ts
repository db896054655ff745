import { systemClock } from '@vigil/core';
import { createKafkaClient, createRegistry, measureLag, type KafkaClient, type SchemaRegistry } from '@vigil/kafka';
import { openSinkPositions } from '@vigil/postgres';
import { fleetStatus, stackEnv, stackPaths, type Cluster, type FleetPartStatus, type StackEnv, type StackPaths } from '@vigil/stack';
import { setTimeout as sleep } from 'node:timers/promises';

/** A fleet that runs, as a fault finds it. */
export interface World {
  readonly paths: StackPaths;
  readonly env: StackEnv;
  readonly connect: () => KafkaClient;
  readonly registry: SchemaRegistry;
  readonly say: (line: string) => void;
  /** Three brokers in place of the stack's one. */
  readonly cluster: Cluster | undefined;
}

export const openWorld = (home: string, say: (line: string) => void, cluster?: Cluster): World => {
  const paths = stackPaths({ ...process.env, VIGIL_HOME: home });
  const env = stackEnv(paths);
  return {
    paths,
    env,
    connect: () => createKafkaClient({ brokers: env.kafkaBrokers.split(','), clientId: 'vigil-chaos' }),
    registry: createRegistry({ url: env.schemaRegistryUrl }),
    say,
    cluster,
  };
};

export async function withClient<Result>({ connect }: World, work: (client: KafkaClient) => Promise<Result>): Promise<Result> {
  const client = connect();
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** Seconds by which the group that is furthest behind is behind. */
export async function worstLagSeconds({ env }: World, client: KafkaClient): Promise<number> {
  const positions = openSinkPositions([env.databaseUrl, env.warehouseUrl], 'vigil-chaos');
  try {
    const lags = await measureLag({ client, sinkPositions: () => positions.read(), clock: systemClock });
    return Math.max(0, ...lags.map(({ lagSeconds }) => lagSeconds));
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
