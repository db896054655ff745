import {
  clusterDirectory,
  endCluster,
  serverUser,
  startCluster,
  startStack,
  stackEnv,
  stackPaths,
  stopFleet,
  stopStack,
  type Cluster,
  type Progress,
  type StackEnv,
  type StackPaths,
} from '@vigil/stack';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ChaosNeeds } from './chaos-arguments.ts';
import { clockSettings, createClocks, type Clocks } from './clocks.ts';
import { openNetwork, type Network } from './network.ts';
import { mountSmallDisks, unmountSmallDisks, type SmallDisks } from './small-disks.ts';

/** What a fleet stands on that shall be struck: its stack, with whatever a plan needs between the two. */
export interface Ground {
  /** Of the stack; the fleet has a home of its own, where every part of the stack is somebody else's. */
  readonly stack: StackPaths;
  /** How the stack's parts are reached without what lies between them and the fleet. */
  readonly direct: StackEnv;
  /** By which `startStack` finds the parts that are not its own. */
  readonly environment: Readonly<Record<string, string>>;
  readonly cluster: Cluster | undefined;
  readonly network: Network;
  readonly disks: SmallDisks | undefined;
  readonly clocks: Clocks | undefined;
  /** What the fleet is started with. */
  readonly fleetSettings: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const fleetPaths = (base: string): StackPaths => stackPaths({ ...process.env, VIGIL_HOME: join(base, 'fleet') });
const groundPaths = (base: string): StackPaths => stackPaths({ ...process.env, VIGIL_HOME: join(base, 'stack') });

/** Ends what runs under `base`, by what was recorded there: also that of a run which was interrupted. */
export async function clearGround(base: string): Promise<void> {
  const stack = groundPaths(base);
  await stopFleet({ paths: fleetPaths(base) });
  await stopStack({ paths: stack });
  await endCluster(stack);
  unmountSmallDisks(stack);
}

const portOf = (url: string): number => Number(new URL(url).port);

function withPort(url: string, port: number): string {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.href;
}

/** Makes a ground from nothing; what an earlier run left under `base` is ended and removed. */
export async function openGround(base: string, needs: ChaosNeeds, progress: Progress): Promise<Ground> {
  await clearGround(base);
  const stack = groundPaths(base);
  mkdirSync(stack.home, { recursive: true });
  for (const left of [clusterDirectory(stack.home, await serverUser()), base]) rmSync(left, { recursive: true, force: true });
  mkdirSync(stack.home, { recursive: true });
  const network = await openNetwork();
  try {
    const disks = needs.disks ? await mountSmallDisks(stack) : undefined;
    const cluster = needs.cluster ? await startCluster({ paths: stack, progress, openRoute: network.openRoute }) : undefined;
    const environment: Record<string, string> = cluster ? { VIGIL_KAFKA_BROKERS: cluster.brokers } : {};
    await startStack({ paths: stack, environment, progress });
    const direct = stackEnv(stack);
    const { port } = await network.openDatabase(portOf(direct.databaseUrl));
    const clocks = needs.clocks ? createClocks(base) : undefined;
    return {
      stack,
      direct,
      environment,
      cluster,
      network,
      disks,
      clocks,
      fleetSettings: {
        VIGIL_HOME: fleetPaths(base).home,
        VIGIL_KAFKA_BROKERS: cluster?.servicesBrokers ?? direct.kafkaBrokers,
        VIGIL_SCHEMA_REGISTRY_URL: direct.schemaRegistryUrl,
        VIGIL_DATABASE_URL: withPort(direct.databaseUrl, port),
        VIGIL_WAREHOUSE_URL: withPort(direct.warehouseUrl, port),
        VIGIL_REDIS_URL: direct.redisUrl,
        ...(clocks && clockSettings(clocks)),
      },
      async close() {
        await clearGround(base);
        await network.close();
      },
    };
  } catch (error) {
    await clearGround(base);
    await network.close();
    throw error;
  }
}
