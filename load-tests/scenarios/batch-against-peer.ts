import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import { stackPaths } from '@vigil/stack';
import { createVisitTableSql, writeVisits } from '../batch/bench-visits.ts';
import type { LoadOrder } from '../batch/load-visits.ts';
import type { Round } from '../bench-report.ts';
import { openBenchHome } from '../measure/bench-home.ts';
import { buildJava, type BuiltJava } from '../peers/peer-programs.ts';

const run = promisify(execFile);
const ours = fileURLToPath(new URL('../batch/load-visits.ts', import.meta.url));
const tables = { ours: 'bench_ours', peer: 'bench_peer' } as const;
/** A core of its own for neither: PostgreSQL works as much as the loader does. */
const heap = '1g';

interface Told {
  readonly rows: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMemoryMiB: number;
}

const roundOf = ({ rows, seconds, cpuSeconds, peakMemoryMiB }: Told): Round => ({
  records: rows,
  seconds,
  throughput: rows / seconds,
  cpuSecondsPerMillion: (cpuSeconds / rows) * 1e6,
  peakMemoryMiB,
});

async function loadOurs(url: string, file: string): Promise<Round> {
  const order: LoadOrder = { url, file, table: tables.ours };
  const { stdout } = await run(process.execPath, [ours, JSON.stringify(order)]);
  return roundOf(JSON.parse(stdout) as Told);
}

async function loadPeer(url: string, file: string, { java, classPath }: BuiltJava): Promise<Round> {
  const { hostname, port, pathname, username, password } = new URL(url);
  const jdbc = `jdbc:postgresql://${hostname}:${port}${pathname}?reWriteBatchedInserts=true`;
  const given = [
    `url=${jdbc}`,
    `user=${decodeURIComponent(username)}`,
    `password=${decodeURIComponent(password)}`,
    `file=${file}`,
    `table=${tables.peer}`,
  ];
  const options = ['-Xms256m', `-Xmx${heap}`, '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-cp', classPath];
  const { stdout } = await run(java, [...options, 'vigil.peers.LoadVisits', ...given]);
  return roundOf(JSON.parse(stdout) as Told);
}

/** What a table holds, whatever the order of its rows. */
async function contentOf({ pool }: TestDatabase, table: string): Promise<string> {
  const { rows } = await pool.query<{ content: string }>(
    `SELECT count(*) || ' rows, ' || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text AS content FROM ${table} t`,
  );
  return rows[0]?.content ?? '';
}

export interface BatchRounds {
  readonly ours: readonly Round[];
  /** Empty where no peer was asked for. */
  readonly peer: readonly Round[];
}

/**
 * Loads a CSV of `records` visits into a table, round by round, ours and, where asked for, Spring Batch by turns.
 *
 * @throws where the tables differ after a round
 */
export async function measureBatch(records: number, rounds: number, peerName: 'spring-batch' | undefined): Promise<BatchRounds> {
  const built = peerName && (await buildJava(peerName, stackPaths()));
  const home = await openBenchHome({ name: 'batch', fleet: false });
  const directory = mkdtempSync(join(tmpdir(), 'vigil-bench-'));
  const file = join(directory, 'visits.csv');
  await writeVisits(file, records);
  const database = await createTestDatabase('vigil_warehouse');
  const measured: { ours: Round[]; peer: Round[] } = { ours: [], peer: [] };
  try {
    for (let round = 0; round < rounds; round++) {
      await database.pool.query(`TRUNCATE engine.job_checkpoint; ${createVisitTableSql(tables.ours)}; ${createVisitTableSql(tables.peer)}`);
      measured.ours.push(await loadOurs(database.url, file));
      const content = await contentOf(database, tables.ours);
      if (!content.startsWith(`${records} rows`)) throw new Error(`Ours holds ${content}.`);
      if (!built) continue;
      measured.peer.push(await loadPeer(database.url, file, built));
      const other = await contentOf(database, tables.peer);
      if (content !== other) throw new Error(`The tables differ: ours ${content}, the peer's ${other}.`);
    }
    return measured;
  } finally {
    await database.drop();
    rmSync(directory, { recursive: true });
    await home.close();
  }
}
