import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { portOf } from '../native/part-context.ts';
import { repositoryRoot } from '../paths.ts';
import type { Progress } from '../progress.ts';
import { runCommand } from '../run-command.ts';
import type { PartName } from '../state-file.ts';

export interface ComposeOptions {
  readonly ports: Readonly<Record<string, number>>;
  readonly databasePassword: string;
  readonly home: string;
  readonly progress: Progress;
}

/** Whether a container engine answers: the client alone is no engine. `VIGIL_STACK=native` says not to ask. */
export const engineAnswers = async (environment: Readonly<Record<string, string | undefined>>): Promise<boolean> => {
  if (environment['VIGIL_STACK'] === 'native') return false;
  try {
    await runCommand('docker', ['version', '--format', '{{.Server.Version}}']);
    await runCommand('docker', ['compose', 'version']);
    return true;
  } catch {
    return false;
  }
};

/** Ports and secrets under the names that docker-compose.yml reads. */
export const composeEnvironment = ({ ports, databasePassword, home }: ComposeOptions): Record<string, string> => ({
  VIGIL_HOME: home,
  VIGIL_DATABASE_PASSWORD: databasePassword,
  VIGIL_KAFKA_PORT: String(portOf(ports, 'kafka')),
  VIGIL_REGISTRY_PORT: String(portOf(ports, 'registry')),
  VIGIL_POSTGRES_PORT: String(portOf(ports, 'postgres')),
  VIGIL_REDIS_PORT: String(portOf(ports, 'redis')),
});

/** One project for each checkout, so that two of them run side by side. */
export const project = (home: string): string => `vigil-${createHash('sha256').update(home).digest('hex').slice(0, 8)}`;

const compose = async (options: ComposeOptions, args: readonly string[]): Promise<string> =>
  runCommand('docker', ['compose', '-p', project(options.home), '-f', join(repositoryRoot, 'docker-compose.yml'), ...args], {
    env: composeEnvironment(options),
  });

/** Parts that docker-compose.yml holds. */
export type ContainedName = Exclude<PartName, 'sftp'>;

export interface ContainerOptions extends ComposeOptions {
  readonly names: readonly ContainedName[];
}

/** Starts parts as containers that stay, and waits until their health checks pass. */
export const composeUp = async ({ names, ...options }: ContainerOptions): Promise<void> => {
  await compose(options, ['up', '--detach', '--wait', ...names]);
};

export const composeDown = async (options: ComposeOptions): Promise<void> => {
  options.progress('stopping containers');
  await compose(options, ['down']);
};
