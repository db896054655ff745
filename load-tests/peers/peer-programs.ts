import type { StackPaths } from '@vigil/stack';
import { ensureJava, maven } from '@vigil/stack';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repositoryRoot } from '@vigil/stack';
import type { TestedProgram } from '../measure/drain-program.ts';

export const peerNames = ['kafka-streams', 'flink'] as const;
export type PeerName = (typeof peerNames)[number];

/** How a peer keeps its state: both ways are measured, the better one counts. */
export const storesOf: Readonly<Record<PeerName, readonly [string, ...string[]]>> = {
  'kafka-streams': ['memory', 'rocksdb'],
  flink: ['hashmap', 'rocksdb'],
};

const mainClass: Readonly<Record<PeerName, string>> = {
  'kafka-streams': 'vigil.peers.WindowingOnStreams',
  flink: 'vigil.peers.WindowingOnFlink',
};

/** One core is ergonomically a machine of one: the collector that fits it. */
const javaOptions: Readonly<Record<PeerName, readonly string[]>> = {
  'kafka-streams': ['-Xms256m', '-XX:+UseSerialGC'],
  flink: ['-Xms256m', '-XX:+UseSerialGC', '--add-opens=java.base/java.util=ALL-UNNAMED', '--add-opens=java.base/java.lang=ALL-UNNAMED'],
};

const logOptions = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'];

export interface BuiltPeer {
  readonly name: PeerName;
  readonly java: string;
  readonly classPath: string;
}

/** What Maven made of a program: how to run it. */
export interface BuiltJava {
  readonly java: string;
  readonly classPath: string;
}

/** A peer of the stream. @throws when this machine has no Java compiler */
export const buildPeer = async (name: PeerName, paths: StackPaths): Promise<BuiltPeer> => ({ name, ...(await buildJava(name, paths)) });

/**
 * Compiles the program in a folder beside this one with Maven, once per state of its sources.
 *
 * @throws when this machine has no Java compiler
 */
export async function buildJava(name: PeerName | 'spring-batch', { cache }: StackPaths): Promise<BuiltJava> {
  const progress = (message: string): void => void process.stderr.write(`${message}\n`);
  const javaHome = await ensureJava(cache, progress);
  const sources = globSync(['common/**/*.java', `${name}/src/**/*.java`, `${name}/pom.xml`], { cwd: import.meta.dirname }).sort();
  const hash = createHash('sha256');
  for (const source of sources) hash.update(source).update(readFileSync(join(import.meta.dirname, source)));
  const target = join(repositoryRoot, '.vigil', 'peers', `${name}-${hash.digest('hex').slice(0, 12)}`);
  const jar = join(target, `${name}-peer-1.jar`);
  if (!existsSync(jar)) {
    if (!existsSync(join(javaHome, 'bin', 'javac')))
      throw new Error(
        `${javaHome} has no compiler: install a JDK of version 21 or newer (apt-get install openjdk-21-jdk-headless) or set JAVA_HOME.`,
      );
    mkdirSync(dirname(target), { recursive: true });
    progress(`building the ${name} peer`);
    await maven(['-f', join(import.meta.dirname, name, 'pom.xml'), `-Dpeer.target=${target}`, 'package'], { cache, javaHome, progress });
  }
  return { java: join(javaHome, 'bin', 'java'), classPath: `${jar}:${join(target, 'lib', '*')}` };
}

export interface PeerRun {
  readonly store: string;
  readonly brokers: string;
  readonly input: string;
  readonly output: string;
  readonly schemaId: number;
  readonly home: string;
  /** Most heap, as Java takes it: room enough never to collect for want of it. */
  readonly heap: string;
  /**
   * Whether it goes on after a crash that took its local disk: Kafka Streams then has its changelog alone, Flink the
   * newest checkpoint, which stands on a disk that is never the job's own.
   */
  readonly afterCrash: boolean;
}

/** The newest complete checkpoint of a Flink job that did not end in order; none for a peer that writes none. */
function newestCheckpoint(dir: string): string {
  const complete = globSync('*/chk-*/_metadata', { cwd: dir }).map((file) => dirname(join(dir, file)));
  const numberOf = (path: string): number => Number(/chk-(\d+)$/.exec(path)?.[1]);
  return complete.sort((a, b) => numberOf(b) - numberOf(a))[0] ?? '';
}

export interface JavaRun {
  readonly mainClass: string;
  /** Consumer group, which also names folder and log. */
  readonly group: string;
  readonly home: string;
  readonly heap: string;
  readonly options: Readonly<Record<string, string>>;
}

const dirOf = (home: string, group: string): string => join(home, group);

/** How to start one of a peer's programs. */
export function javaProgram({ name, java, classPath }: BuiltPeer, { mainClass: main, group, home, heap, options }: JavaRun): TestedProgram {
  const dir = dirOf(home, group);
  mkdirSync(dir, { recursive: true });
  const given = Object.entries({ ...options, group, dir }).map(([key, value]) => `${key}=${value}`);
  return {
    name: group,
    program: java,
    args: [...javaOptions[name], `-Xmx${heap}`, ...logOptions, '-cp', classPath, main, ...given],
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' },
    cwd: dir,
    group,
    logFile: join(home, `${group}.log`),
  };
}

/** How to start a peer for one run. Its group is its own, so that it reads from the beginning. */
export function peerProgram(peer: BuiltPeer, { store, brokers, input, output, schemaId, home, heap, afterCrash }: PeerRun): TestedProgram {
  const { name } = peer;
  const group = `peer-${name}-${store}`;
  const dir = dirOf(home, group);
  if (afterCrash && name === 'kafka-streams') rmSync(dir, { recursive: true, force: true });
  const restore = afterCrash && name === 'flink' ? newestCheckpoint(dir) : '';
  if (afterCrash && name === 'flink' && restore === '') throw new Error(`${dir} holds no complete checkpoint to go on from.`);
  const options = { brokers, input, output, store, schema: String(schemaId), restore };
  return javaProgram(peer, { mainClass: mainClass[name], group, home, heap, options });
}
