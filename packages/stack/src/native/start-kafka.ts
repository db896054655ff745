import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDirectory } from '../paths.ts';
import { requireFreePort } from '../ports.ts';
import { kafkaAnswers } from '../probes.ts';
import { runCommand } from '../run-command.ts';
import { spawnPart } from '../spawn-part.ts';
import { waitUntilReady } from '../wait-until-ready.ts';
import { fetchKafka } from './fetch-programs.ts';
import { portOf, type PartContext } from './part-context.ts';

/**
 * Broker and controller in one process.
 *
 * The coordinator's own topics are small, a group's first rebalance does not wait for more members, and a transaction
 * of a dead producer is aborted soon after its time-out: a developer waits for each of these.
 */
export const kafkaSettings = (dataDirectory: string, port: number, controllerPort: number): string =>
  Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': dataDirectory,
    'auto.create.topics.enable': false,
    'num.partitions': 4,
    // A quota is kept on average over the windows: with the eleven of the default a producer may send ten seconds' worth at once.
    'quota.window.num': 3,
    'default.replication.factor': 1,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 8,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 8,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': 1_000,
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1_000,
    'message.max.bytes': 6_000_000,
    'replica.fetch.max.bytes': 6_000_000,
    'log.cleaner.dedupe.buffer.size': 33_554_432,
    'num.network.threads': 2,
    'num.io.threads': 4,
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');

const javaOptions = ['-Xms256m', '-Xmx1g', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20', '-Djava.awt.headless=true'];
/** Options of the broker's JVM: ours, then those of the environment, which win. */
export const jvmOptions = ({ VIGIL_KAFKA_OPTS: options = '' }: Readonly<Record<string, string | undefined>>): readonly string[] => [
  ...javaOptions,
  ...options.split(/\s+/).filter((option) => option !== ''),
];
const logOptions = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=info', '-Dorg.slf4j.simpleLogger.showDateTime=true'];

/** Kafka in KRaft mode, one process, on loopback. */
export const startKafka = async (context: PartContext): Promise<void> => {
  const { paths, ports, progress, record } = context;
  const port = portOf(ports, 'kafka');
  const controllerPort = portOf(ports, 'kafka-controller');
  const javaHome = await context.javaHome();
  const jars = await fetchKafka({ cache: paths.cache, javaHome, progress });
  const directory = join(paths.home, 'kafka');
  const settingsFile = join(directory, 'server.properties');
  const java = join(javaHome, 'bin', 'java');
  const classPath = join(jars, '*');

  ensureDirectory(directory);
  await requireFreePort('kafka', port);
  await requireFreePort('kafka-controller', controllerPort);
  writeFileSync(settingsFile, kafkaSettings(join(directory, 'data'), port, controllerPort));
  if (!existsSync(join(directory, 'data', 'meta.properties'))) {
    // A leading hyphen would be read as an option by the formatter.
    const clusterId = `V${randomBytes(16).toString('base64url').slice(1)}`;
    await runCommand(java, [
      '-XX:TieredStopAtLevel=1',
      '-cp',
      classPath,
      'kafka.tools.StorageTool',
      'format',
      '-t',
      clusterId,
      '-c',
      settingsFile,
    ]);
  }

  const archive = `-XX:SharedArchiveFile=${jars}.jsa`;
  const logFile = join(paths.logs, 'kafka.log');
  const broker = await spawnPart({
    name: 'kafka',
    program: java,
    args: [
      ...jvmOptions(process.env),
      '-XX:+AutoCreateSharedArchive',
      archive,
      ...logOptions,
      '-cp',
      classPath,
      'kafka.Kafka',
      settingsFile,
    ],
    cwd: directory,
    logFile,
  });
  record(broker, `127.0.0.1:${port}`);
  await waitUntilReady({ name: 'kafka', process: broker, logFile, probe: async () => kafkaAnswers(port) });
};
