import { repositoryRoot } from '../paths.ts';
import { composeEnvironment, project, type ContainerOptions } from './compose.ts';

/**
 * Starts parts as containers that end with this process: for tests that find no stack running.
 * The library watches the process from a container of its own, so that a killed test run leaves nothing behind.
 */
export const testcontainersUp = async ({ names, ...options }: ContainerOptions): Promise<void> => {
  const { DockerComposeEnvironment, Wait } = await import('testcontainers');
  let environment = new DockerComposeEnvironment(repositoryRoot, 'docker-compose.yml')
    .withProjectName(project(options.home))
    .withEnvironment(composeEnvironment(options))
    .withStartupTimeout(120_000);
  for (const name of names) environment = environment.withWaitStrategy(`${name}-1`, Wait.forHealthCheck());
  await environment.up([...names]);
};
