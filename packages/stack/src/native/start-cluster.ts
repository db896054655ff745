import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endProcess } from '../end-process.ts';
import { ensureDirectory, ensureHome, type StackPaths } from '../paths.ts';
import { assignPorts } from '../ports.ts';
import { kafkaAnswers } from '../probes.ts';
import type { ProcessIdentity } from '../process-identity.ts';
import { silent, type Progress } from '../progress.ts';
import { runCommand } from '../run-command.ts';
import { spawnPart } from '../spawn-part.ts';
import { readJsonFile, writeJsonFile } from '../state-file.ts';
import { waitUntilReady } from '../wait-until-ready.ts';
import {
  peerName,
  routedListeners,
  routesOf,
  servicesAddress,
  writeHostsFile,
  type OpenRoute,
  type RoutedPorts,
} from './cluster-routes.ts';
import { fetchKafka } from './fetch-programs.ts';
import { ensureJava } from './find-java.ts';
import { kafkaSettings } from './start-kafka.ts';

export interface ClusterOptions {
  readonly paths: StackPaths;
  readonly progress?: Progress;
  /** Gives services, and the brokers among themselves, ways that can be cut. Linux only. */
  readonly openRoute?: OpenRoute;
}

/** Three brokers of one cluster on this machine, each a controller too: for proofs of what one broker's death does. */
export interface Cluster {
  /** Bootstrap servers, separated by commas. */
  readonly brokers: string;
  /** The same by the routes of services; without routes equal to `brokers`. */
  readonly servicesBrokers: string;
  readonly ids: readonly number[];
  /** The broker's process; an ended one's last. */
  process(id: number): ProcessIdentity;
  /** Starts a broker that ended, on its port and with its data; returns once it answers. */
  start(id: number): Promise<void>;
  stop(): Promise<void>;
}

const ids = [1, 2, 3] as const;
const copies = ids.length;
const inSync = 2;

export interface ClusterNode extends RoutedPorts {
  readonly id: number;
  readonly port: number;
  readonly controllerPort: number;
  readonly dataDirectory: string;
  /** Whether others reach it by routes. */
  readonly isRouted: boolean;
}

const homeOf = ({ home }: StackPaths): string => join(home, 'cluster');
/** Where a broker keeps its log. */
export const brokerDirectory = (paths: StackPaths, id: number): string => join(homeOf(paths), `data-${id}`);
const recordOf = (paths: StackPaths): string => join(homeOf(paths), 'brokers.json');

/** Ends the brokers that an earlier start left behind, by what it recorded of them. Answers how many ran. */
export async function endCluster(paths: StackPaths): Promise<number> {
  const recorded = readJsonFile<readonly ProcessIdentity[]>(recordOf(paths)) ?? [];
  // At once: the last of an orderly shutdown would wait for a quorum that is gone.
  const ended = await Promise.all(recorded.map((process) => endProcess(process, { withinMs: 10_000 })));
  return ended.filter(Boolean).length;
}

/** The settings of one of three: those of a single broker, and what has copies. The later of two equal names is in force. */
export const clusterSettings = (node: ClusterNode, voters: string): string =>
  kafkaSettings(node.dataDirectory, node.port, node.controllerPort) +
  Object.entries({
    ...(node.isRouted && routedListeners(node)),
    'node.id': node.id,
    'controller.quorum.voters': voters,
    'default.replication.factor': copies,
    'min.insync.replicas': inSync,
    'unclean.leader.election.enable': false,
    'offsets.topic.replication.factor': copies,
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': inSync,
    'share.coordinator.state.topic.replication.factor': copies,
    'share.coordinator.state.topic.min.isr': inSync,
    // A dead broker is noticed within its session; the default of 9 s would be most of the stall that is measured.
    'broker.session.timeout.ms': 6_000,
    'broker.heartbeat.interval.ms': 1_000,
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');

const javaOptions = ['-Xms128m', '-Xmx512m', '-XX:+UseSerialGC', '-Djava.awt.headless=true'];
const logOptions = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-Dorg.slf4j.simpleLogger.showDateTime=true'];

async function planNodes(paths: StackPaths, isRouted: boolean): Promise<ReadonlyMap<number, ClusterNode>> {
  const names = ids.flatMap((id) => [`broker-${id}`, `controller-${id}`, `services-${id}`, `peers-${id}`]);
  const ports = await assignPorts({ names, known: {}, seed: homeOf(paths) });
  const portOf = (listener: string, id: number): number => Number(ports[`${listener}-${id}`]);
  return new Map(
    ids.map((id): [number, ClusterNode] => [
      id,
      {
        id,
        port: portOf('broker', id),
        controllerPort: portOf('controller', id),
        servicesPort: portOf('services', id),
        peersPort: portOf('peers', id),
        dataDirectory: brokerDirectory(paths, id),
        isRouted,
      },
    ]),
  );
}

const votersOf = (nodes: Iterable<ClusterNode>): string =>
  [...nodes].map(({ id, controllerPort, isRouted }) => `${id}@${isRouted ? peerName(id) : '127.0.0.1'}:${controllerPort}`).join(',');

/** Starts the three, or on data of an earlier run starts them again. They end by `stop` or `endCluster`, not by `vigil down`. */
export async function startCluster({ paths, progress = silent, openRoute }: ClusterOptions): Promise<Cluster> {
  ensureHome(paths);
  const home = homeOf(paths);
  ensureDirectory(home);
  if ((await endCluster(paths)) > 0) progress('ended brokers that an earlier run had left');
  const nodes = await planNodes(paths, openRoute !== undefined);
  if (openRoute) for (const route of routesOf([...nodes.values()])) await openRoute(route);
  const voters = votersOf(nodes.values());
  const javaHome = await ensureJava(paths.cache, progress);
  const java = join(javaHome, 'bin', 'java');
  const classPath = join(await fetchKafka({ cache: paths.cache, javaHome, progress }), '*');
  const clusterId = `V${randomBytes(16).toString('base64url').slice(1)}`;
  const processes = new Map<number, ProcessIdentity>();
  const nodeOf = (id: number): ClusterNode => {
    const node = nodes.get(id);
    if (!node) throw new RangeError(`There is no broker ${id}; there are ${ids.join(', ')}.`);
    return node;
  };
  const settingsOf = ({ id }: ClusterNode): string => join(home, `server-${id}.properties`);
  const spawn = async (node: ClusterNode): Promise<ProcessIdentity> => {
    const hosts = node.isRouted ? [writeHostsFile(home, node.id, ids)] : [];
    const args = [...javaOptions, ...hosts, ...logOptions, '-cp', classPath, 'kafka.Kafka', settingsOf(node)];
    const process = await spawnPart({ name: `broker-${node.id}`, program: java, args, cwd: home, logFile: logOf(paths, node.id) });
    processes.set(node.id, process);
    // Before it is waited for: whoever is interrupted must find it again.
    writeJsonFile(recordOf(paths), [...processes.values()]);
    return process;
  };
  const answers = ({ id, port }: ClusterNode, process: ProcessIdentity): Promise<void> =>
    waitUntilReady({ name: `broker-${id}`, process, logFile: logOf(paths, id), probe: () => kafkaAnswers(port) });
  const stop = async (): Promise<void> => void (await endCluster(paths));

  try {
    for (const node of nodes.values()) {
      writeFileSync(settingsOf(node), clusterSettings(node, voters));
      if (existsSync(join(node.dataDirectory, 'meta.properties'))) continue;
      const format = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', settingsOf(node)];
      const hosts = node.isRouted ? [writeHostsFile(home, node.id, ids)] : [];
      await runCommand(java, ['-XX:TieredStopAtLevel=1', ...hosts, '-cp', classPath, ...format]);
    }
    progress('starting three brokers');
    const started = await Promise.all([...nodes.values()].map(async (node) => [node, await spawn(node)] as const));
    await Promise.all(started.map(([node, process]) => answers(node, process)));
  } catch (error) {
    await stop();
    throw error;
  }
  const directBrokers = [...nodes.values()].map(({ port }) => `127.0.0.1:${port}`).join(',');
  return {
    brokers: directBrokers,
    servicesBrokers: openRoute ? [...nodes.values()].map(servicesAddress).join(',') : directBrokers,
    ids,
    process: (id) => processes.get(nodeOf(id).id) as ProcessIdentity,
    start: async (id) => answers(nodeOf(id), await spawn(nodeOf(id))),
    stop,
  };
}

const logOf = (paths: StackPaths, id: number): string => join(paths.logs, `broker-${id}.log`);
