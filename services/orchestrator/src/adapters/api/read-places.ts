import type pg from 'pg';
import type { z } from 'zod';
import type { Handlers } from '../../api/routes.ts';
import { ApiProblem } from '../../api/problem.ts';
import type { fileSchema, poolSchema } from '../../api/schemas/place.ts';
import { byTime, pageOfRows, readCursor } from './page-cursor.ts';
import { isoOf } from './run-rows.ts';

type Pool = z.input<typeof poolSchema>;
type File = z.input<typeof fileSchema>;
type Holder = Pool['holders'][number];

const poolsSql = `
  SELECT p.pool, p.slots, p.cpu, p.memory_mib AS "memoryMiB", p.io,
    (SELECT count(*) FROM orchestration.task_run q WHERE q.pool = p.pool AND q.state = 'queued') AS queued
  FROM orchestration.pool p WHERE $1::text IS NULL OR p.pool = $1 ORDER BY p.pool`;

const holdersSql = `
  SELECT s.pool, s.run_id AS "runId", t.workflow, s.task, s.part, s.slots, s.cpu, s.memory_mib AS "memoryMiB", s.io,
    s.taken_at AS "takenAt", t.lease_until AS "leaseUntil", t.worker
  FROM orchestration.pool_slot s JOIN orchestration.task_run t USING (run_id, task, part)
  WHERE $1::text IS NULL OR s.pool = $1 ORDER BY s.taken_at, s.run_id, s.task, s.part`;

const changePoolSql = `
  UPDATE orchestration.pool SET slots = coalesce($2, slots), cpu = coalesce($3, cpu), memory_mib = coalesce($4, memory_mib),
    io = coalesce($5, io), changed_at = clock_timestamp() WHERE pool = $1`;

const filesSql = `
  SELECT file_id AS "fileId", source, revision, bytes, state, attempt, run_id AS "runId", duplicate_of AS "duplicateOf",
    records_expected AS expected, records_read AS read, records_ok AS ok, records_rejected AS rejected,
    error_code AS "errorCode", score, found_at AS "foundAt", changed_at AS "changedAt", found_at::text AS cursor
  FROM orchestration.file f
  WHERE ($1::text IS NULL OR source = $1) AND ($2::text IS NULL OR state = $2)
    AND ($3::timestamptz IS NULL OR (found_at, file_id) < ($3, $4::uuid))
  ORDER BY found_at DESC, file_id DESC LIMIT $5`;

interface PoolRow {
  readonly pool: string;
  readonly slots: number;
  readonly cpu: number;
  readonly memoryMiB: number;
  readonly io: number;
  readonly queued: number;
}
type HolderRow = Omit<Holder, 'takenAt' | 'leaseUntil'> & {
  readonly pool: string;
  readonly takenAt: Date;
  readonly leaseUntil: Date | null;
};

const sum = (holders: readonly Holder[], of: 'slots' | 'cpu' | 'memoryMiB' | 'io'): number =>
  holders.reduce((total, holder) => total + holder[of], 0);

async function readPools(pool: pg.Pool, name: string | null): Promise<Pool[]> {
  const { rows } = await pool.query<PoolRow>(poolsSql, [name]);
  const { rows: held } = await pool.query<HolderRow>(holdersSql, [name]);
  return rows.map(({ pool, queued, ...capacity }) => {
    const holders = held
      .filter((holder) => holder.pool === pool)
      .map((found) => {
        const { pool: _, takenAt, leaseUntil, ...holder } = found;
        return { ...holder, takenAt: isoOf(takenAt), leaseUntil: isoOf(leaseUntil) };
      });
    const taken = { slots: sum(holders, 'slots'), cpu: sum(holders, 'cpu'), memoryMiB: sum(holders, 'memoryMiB'), io: sum(holders, 'io') };
    return { pool, capacity, taken, queued, holders };
  });
}

interface FileRow extends Omit<File, 'foundAt' | 'changedAt' | 'records'> {
  readonly expected: number | null;
  readonly read: number | null;
  readonly ok: number | null;
  readonly rejected: number | null;
  readonly foundAt: Date;
  readonly changedAt: Date;
  readonly cursor: string;
}

function toFile(found: FileRow): File {
  const { expected, read, ok, rejected, foundAt, changedAt, cursor: _, ...row } = found;
  const records = Object.entries({ expected, read, ok, rejected }).filter(([, count]) => count !== null);
  return {
    ...row,
    records: Object.fromEntries(records) as Record<string, number>,
    foundAt: isoOf(foundAt),
    changedAt: isoOf(changedAt),
  };
}

/** Pools and files, as the API shows them. */
export const readPlaces = (pool: pg.Pool): Pick<Handlers, 'listPools' | 'changePool' | 'listFiles'> => ({
  listPools: async () => ({ status: 200, body: { items: await readPools(pool, null) } }),
  changePool: async ({ params, body: { slots, cpu, memoryMiB, io } }) => {
    await pool.query(changePoolSql, [params.pool, slots ?? null, cpu ?? null, memoryMiB ?? null, io ?? null]);
    const [changed] = await readPools(pool, params.pool);
    if (changed === undefined) throw new ApiProblem('POOL_UNKNOWN', params.pool);
    return { status: 200, body: changed };
  },
  listFiles: async ({ query: { source, state, cursor, limit } }) => {
    const { rows } = await pool.query<FileRow>(filesSql, [source ?? null, state ?? null, ...readCursor(cursor, byTime), limit + 1]);
    return { status: 200, body: pageOfRows(rows, limit, { toItem: toFile, keysOf: (row) => [row.cursor, row.fileId] }) };
  },
});
