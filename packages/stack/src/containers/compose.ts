import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { databaseUrl } from '../databases.ts';
import { portOf } from '../native/part-context.ts';
import { repositoryRoot } from '../paths.ts';
import type { Progress } from '../progress.ts';
import { requireFullCompatibility } from '../registry-rule.ts';
import { runCommand } from '../run-command.ts';
import type { PartName, PartState } from '../state-file.ts';

export interface ComposeOptions {
  readonly ports: Readonly<Record<string, number>>;
  readonly databasePassword: string;
  readonly home: string;
  readonly progress: Progress;
}

/** Whether a container engine answers: the client alone is no engine. */
export const engineAnswers = async (): Promise<boolean> => {
  try {
    await runCommand('docker', ['version', '--format', '{{.Server.Version}}']);
    await runCommand('docker', ['compose', 'version']);
    return true;
  } catch {
    return false;
  }
};

/** Ports and secrets under the names that docker-compose.yml reads. */
const composeEnvironment = ({ ports, databasePassword, home }: ComposeOptions): Record<string, string> => ({
  VIGIL_HOME: home,
  VIGIL_DATABASE_PASSWORD: databasePassword,
  VIGIL_KAFKA_PORT: String(portOf(ports, 'kafka')),
  VIGIL_REGISTRY_PORT: String(portOf(ports, 'registry')),
  VIGIL_POSTGRES_PORT: String(portOf(ports, 'postgres')),
  VIGIL_REDIS_PORT: String(portOf(ports, 'redis')),
});

/** One project for each checkout, so that two of them run side by side. */
const project = (home: string): string => `vigil-${createHash('sha256').update(home).digest('hex').slice(0, 8)}`;

const compose = async (options: ComposeOptions, args: readonly string[]): Promise<string> =>
  runCommand('docker', ['compose', '-p', project(options.home), '-f', join(repositoryRoot, 'docker-compose.yml'), ...args], {
    env: composeEnvironment(options),
  });

/** Starts parts as containers and waits until their health checks pass. */
export const composeUp = async ({
  names,
  ...options
}: ComposeOptions & { names: readonly PartName[] }): Promise<[PartName, PartState][]> => {
  const { ports, databasePassword, progress } = options;
  progress(`starting containers: ${names.join(', ')}`);
  await compose(options, ['up', '--detach', '--wait', ...names]);
  const addresses: Record<PartName, string> = {
    kafka: `127.0.0.1:${portOf(ports, 'kafka')}`,
    registry: `http://127.0.0.1:${portOf(ports, 'registry')}/apis/ccompat/v7`,
    postgres: databaseUrl(portOf(ports, 'postgres'), databasePassword, 'postgres'),
    redis: `redis://127.0.0.1:${portOf(ports, 'redis')}`,
  };
  if (names.includes('registry')) await requireFullCompatibility(addresses.registry);
  return names.map((name) => [name, { mode: 'compose', address: addresses[name] }]);
};

export const composeDown = async (options: ComposeOptions): Promise<void> => {
  options.progress('stopping containers');
  await compose(options, ['down']);
};
