import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fleet } from '../fleet.ts';
import { findProgram } from '../find-program.ts';
import { repositoryRoot } from '../paths.ts';
import { partNames } from '../state-file.ts';
import { isContained } from './contained-parts.ts';

const contained = partNames.filter(isContained);

const environment = {
  PATH: process.env['PATH'],
  VIGIL_KAFKA_PORT: '24001',
  VIGIL_POSTGRES_PORT: '24002',
  VIGIL_REDIS_PORT: '24003',
  VIGIL_REGISTRY_PORT: '24004',
};

const compose = (): { program: string; args: string[] } | undefined => {
  const standalone = findProgram('docker-compose');
  if (standalone !== undefined) return { program: standalone, args: [] };
  return spawnSync('docker', ['compose', 'version']).status === 0 ? { program: 'docker', args: ['compose'] } : undefined;
};

test('docker-compose.yml is valid, has every part on the given ports, every image pinned and every service checked', () => {
  const found = compose();
  if (found === undefined) {
    console.log('docker-compose.yml is not checked: neither docker-compose nor docker compose is installed');
    return;
  }
  const file = join(repositoryRoot, 'docker-compose.yml');
  const names = spawnSync(found.program, [...found.args, '-f', file, 'config', '--services'], { encoding: 'utf8', env: environment });
  expect(names).toMatchObject({ status: 0 });
  expect(names.stdout.trim().split('\n').toSorted()).toEqual([...contained, 'prepare', ...fleet.map(({ name }) => name)].toSorted());

  const { stdout } = spawnSync(found.program, [...found.args, '-f', file, 'config'], { encoding: 'utf8', env: environment });
  for (const port of ['24001', '24002', '24003', '24004']) expect(stdout).toContain(port);
  const images = [...stdout.matchAll(/image: (\S+)/g)].map(([, image]) => image);
  expect(images.filter((image) => !/:\d+\.\d+(\.\d+)?(-\w+)?$|^vigil:local$/.test(image ?? ''))).toEqual([]);
  // Everything but the one-shot job and the stand-in tells its health.
  expect(stdout.match(/healthcheck:/g)).toHaveLength(contained.length + fleet.filter(({ role }) => role === 'service').length);
});
