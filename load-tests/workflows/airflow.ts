import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { endProcess, spawnPart } from '@vigil/stack';
import { latencyOf, median } from '../bench-report.ts';
import type { BenchHome } from '../measure/bench-home.ts';
import { freshDatabase } from './graphile-worker.ts';

export interface AirflowFigures {
  readonly version: string;
  readonly flows: number;
  /** From the moment a run is queued to its end. */
  readonly flowMedianMs: number;
  readonly flowP99Ms: number;
}

const version = '3.1.3';
const flows = 8;
const run = promisify(execFile);

/** The same flow: three tasks one after the other that do nothing. */
const dag = `from airflow.sdk import dag, task

@dag(schedule=None, catchup=False)
def three_steps():
    @task
    def one(): pass
    @task
    def two(): pass
    @task
    def three(): pass
    one() >> two() >> three()

three_steps()
`;

/** Airflow in a Python environment of its own, beside other downloaded programs. */
async function install(cache: string): Promise<string> {
  const directory = join(cache, 'airflow-3');
  const program = join(directory, 'bin/airflow');
  if (existsSync(program)) return program;
  await run('python3', ['-m', 'venv', directory]);
  await run(join(directory, 'bin/pip'), ['install', '-q', `apache-airflow==${version}`, 'psycopg2-binary', 'asyncpg'], {
    maxBuffer: 2 ** 26,
  });
  return program;
}

function settingsOf(directory: string, databaseUrl: string, port: number): Record<string, string> {
  return {
    AIRFLOW_HOME: directory,
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: databaseUrl.replace(/^postgresql:/, 'postgresql+psycopg2:'),
    AIRFLOW__CORE__EXECUTOR: 'LocalExecutor',
    AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
    AIRFLOW__CORE__DAGS_FOLDER: join(directory, 'dags'),
    AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION: 'False',
    AIRFLOW__CORE__EXECUTION_API_SERVER_URL: `http://127.0.0.1:${port}/execution/`,
    AIRFLOW__API__HOST: '127.0.0.1',
    AIRFLOW__API__PORT: String(port),
    AIRFLOW__API__WORKERS: '1',
    AIRFLOW__API_AUTH__JWT_SECRET: 'a secret of this measurement alone, which nobody else needs',
  };
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const endsAt = Date.now() + 240_000; Date.now() < endsAt; await new Promise((resolve) => setTimeout(resolve, 500)))
    if (await holds().catch(() => false)) return;
  throw new Error(`Airflow: not within four minutes: ${what}.`);
}

async function measureFlows(client: Client, trigger: () => Promise<unknown>): Promise<number[]> {
  const ended = async (): Promise<number[]> =>
    (
      await client.query<{ ms: number }>(
        "SELECT extract(epoch FROM end_date - queued_at)::float8 * 1000 AS ms FROM dag_run WHERE state = 'success' ORDER BY queued_at",
      )
    ).rows.map(({ ms }) => ms);
  for (let count = 1; count <= flows + 1; count++) {
    await trigger();
    await until(`run ${count} ends`, async () => (await ended()).length >= count);
  }
  // The first one is warming up.
  return (await ended()).slice(1);
}

/** Airflow 3 with the LocalExecutor and its own settings otherwise, on the PostgreSQL server of the stack. */
export async function measureAirflow(home: BenchHome): Promise<AirflowFigures> {
  const program = await install(home.paths.cache);
  const directory = join(home.paths.home, 'airflow');
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(join(directory, 'dags'), { recursive: true });
  writeFileSync(join(directory, 'dags/three_steps.py'), dag);
  const url = await freshDatabase(home, 'peer_airflow');
  const port = 21_977;
  const env = settingsOf(directory, url, port);
  const options = { env: { ...process.env, ...env }, maxBuffer: 2 ** 26 };
  await run(program, ['db', 'migrate'], options);
  const parts = [];
  const client = new Client({ connectionString: url });
  try {
    for (const part of ['api-server', 'scheduler', 'dag-processor'])
      parts.push(
        await spawnPart({ name: `airflow-${part}`, program, args: [part], env, logFile: join(home.paths.logs, `airflow-${part}.log`) }),
      );
    await client.connect();
    await until('the API answers', async () => (await fetch(`http://127.0.0.1:${port}/api/v2/version`)).ok);
    await until('the flow is known', async () => (await client.query("SELECT FROM dag WHERE dag_id = 'three_steps'")).rowCount === 1);
    const latencies = await measureFlows(client, () => run(program, ['dags', 'trigger', 'three_steps'], options));
    return {
      version,
      flows: latencies.length,
      flowMedianMs: Math.round(median(latencies)),
      flowP99Ms: Math.round(latencyOf(latencies).p99),
    };
  } finally {
    await client.end();
    for (const part of parts.toReversed()) await endProcess(part);
  }
}
