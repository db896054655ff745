import { join } from 'node:path';
import { ensureDirectory } from '../paths.ts';
import { requireFreePort } from '../ports.ts';
import { redisAnswers } from '../probes.ts';
import { spawnPart } from '../spawn-part.ts';
import { waitUntilReady } from '../wait-until-ready.ts';
import { ensureProgram, type WantedProgram } from './ensure-program.ts';
import { portOf, type PartContext } from './part-context.ts';

const redisServer: WantedProgram = {
  program: 'Redis (redis-server)',
  executable: 'redis-server',
  debianPackage: 'redis-server',
  elsewhere: 'apt-get install redis-server, or brew install redis',
};

/** Redis without persistence: everything in it can be had again from PostgreSQL. */
export const startRedis = async ({ paths, ports, progress, record }: PartContext): Promise<void> => {
  const port = portOf(ports, 'redis');
  const directory = join(paths.home, 'redis');
  const program = await ensureProgram(redisServer, progress);
  ensureDirectory(directory);
  await requireFreePort('redis', port);
  const logFile = join(paths.logs, 'redis.log');
  const process = await spawnPart({
    name: 'redis',
    program,
    args: ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', directory, '--maxmemory', '256mb'],
    logFile,
  });
  record(process, `redis://127.0.0.1:${port}`);
  await waitUntilReady({ name: 'redis', process, logFile, probe: async () => redisAnswers(port) });
};
