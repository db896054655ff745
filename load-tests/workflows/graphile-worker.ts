import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import type { BenchHome } from '../measure/bench-home.ts';

const version = '0.18.0';
const run = promisify(execFile);

/** Its packages, beside other downloaded programs: a peer is no dependency. */
async function install(cache: string): Promise<string> {
  const directory = join(cache, `graphile-worker-${version}`);
  if (existsSync(join(directory, 'node_modules/graphile-worker/package.json'))) return directory;
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'package.json'), '{"private":true}');
  await run('npm', ['install', '--no-audit', '--no-fund', '--save-exact', `graphile-worker@${version}`], { cwd: directory });
  return directory;
}

/** A database of the peer's own on the server of the stack, made anew. */
export async function freshDatabase({ env }: BenchHome, name: string): Promise<string> {
  const client = new Client({ connectionString: env.databaseUrl });
  await client.connect();
  try {
    await client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(name)} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
  return Object.assign(new URL(env.databaseUrl), { pathname: `/${name}` }).href;
}

/** Jobs a second of graphile-worker that do nothing. Its jobs stand alone: there is no flow to keep. */
export async function measureGraphileWorker(home: BenchHome, jobs: number): Promise<number> {
  const directory = await install(home.paths.cache);
  const url = await freshDatabase(home, 'peer_graphile_worker');
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, 'graphile-bench.mjs'), url, String(jobs), directory]);
  return (JSON.parse(stdout) as { jobsPerSecond: number }).jobsPerSecond;
}
