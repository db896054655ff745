import { databaseUrl } from '../databases.ts';
import { portOf } from '../native/part-context.ts';
import { requireFullCompatibility } from '../registry-rule.ts';
import type { PartState } from '../state-file.ts';
import { composeUp, type ContainedName, type ContainerOptions } from './compose.ts';
import { testcontainersUp } from './testcontainers.ts';

/** Starts parts of docker-compose.yml: under a test runner for as long as it runs, else until `down`. */
export const startContainers = async (options: ContainerOptions): Promise<[ContainedName, PartState][]> => {
  const { names, ports, databasePassword, progress } = options;
  progress(`starting containers: ${names.join(', ')}`);
  await (process.env['JEST_WORKER_ID'] === undefined ? composeUp(options) : testcontainersUp(options));
  const addresses: Record<ContainedName, string> = {
    kafka: `127.0.0.1:${portOf(ports, 'kafka')}`,
    registry: `http://127.0.0.1:${portOf(ports, 'registry')}/apis/ccompat/v7`,
    postgres: databaseUrl(portOf(ports, 'postgres'), databasePassword, 'postgres'),
    redis: `redis://127.0.0.1:${portOf(ports, 'redis')}`,
  };
  if (names.includes('registry')) await requireFullCompatibility(addresses.registry);
  return names.map((name) => [name, { mode: 'compose', address: addresses[name] }]);
};
