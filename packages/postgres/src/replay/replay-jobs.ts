import { randomBytes } from 'node:crypto';
import { VigilError } from '@vigil/core';
import type { TopicPartition } from '@vigil/kafka';
import type { Pool } from 'pg';
import { toDatabaseError } from '../database-error.ts';
import { inTransaction } from '../transaction.ts';
import type { RowsFingerprint } from './fingerprint-rows.ts';

export type ReplayKind = 'sink' | 'stage';
export type ReplayState = 'planned' | 'running' | 'done' | 'abandoned' | 'cutting-over' | 'cut-over';
export type ReplayPartState = 'planned' | 'rewound' | 'done';

/** One source partition of a replay; offsets from `fromOffset` on, below `untilOffset`. */
export interface ReplayPart extends TopicPartition {
  readonly fromOffset: number;
  readonly untilOffset: number;
  readonly state: ReplayPartState;
  /** Rows before anything was deleted. */
  readonly before: RowsFingerprint | null;
  /** Rows after they were loaded again. */
  readonly after: RowsFingerprint | null;
}

export interface ReplayJob {
  readonly jobId: string;
  readonly kind: ReplayKind;
  /** The sink or the stage. */
  readonly name: string;
  readonly plan: Readonly<Record<string, unknown>>;
  readonly state: ReplayState;
  readonly plannedAt: Date;
  readonly parts: readonly ReplayPart[];
}

export interface NewReplayJob {
  readonly kind: ReplayKind;
  readonly name: string;
  readonly plan: Readonly<Record<string, unknown>>;
  readonly parts: readonly (TopicPartition & { readonly fromOffset: number; readonly untilOffset: number })[];
}

export interface PartChange {
  readonly state?: ReplayPartState;
  readonly before?: RowsFingerprint & { readonly untilOffset: number };
  readonly after?: RowsFingerprint;
}

/** Replays in schema `operations`; every method throws the VigilErrors of a database that is away. */
export interface ReplayJobs {
  create(job: NewReplayJob): Promise<ReplayJob>;
  /** @throws VigilError BAD_USAGE where there is none */
  find(jobId: string): Promise<ReplayJob>;
  list(): Promise<readonly ReplayJob[]>;
  setState(jobId: string, state: ReplayState): Promise<void>;
  changePart(jobId: string, place: TopicPartition, change: PartChange): Promise<void>;
  /** Runs `work` while no other process works on the job. @throws VigilError BAD_USAGE where one does */
  exclusively<Result>(jobId: string, work: () => Promise<Result>): Promise<Result>;
}

interface PartRow {
  readonly topic: string;
  readonly part: number;
  readonly from_offset: number;
  readonly until_offset: number;
  readonly state: ReplayPartState;
  readonly before_rows: number | null;
  readonly before_hash: string | null;
  readonly after_rows: number | null;
  readonly after_hash: string | null;
}

interface JobRow {
  readonly job_id: string;
  readonly kind: ReplayKind;
  readonly name: string;
  readonly plan: Readonly<Record<string, unknown>>;
  readonly state: ReplayState;
  readonly planned_at: Date;
}

const fingerprintOf = (rows: number | null, hash: string | null): RowsFingerprint | null =>
  hash === null ? null : { rows: rows as number, hash };

const partOf = (row: PartRow): ReplayPart => ({
  topic: row.topic,
  partition: row.part,
  fromOffset: row.from_offset,
  untilOffset: row.until_offset,
  state: row.state,
  before: fingerprintOf(row.before_rows, row.before_hash),
  after: fingerprintOf(row.after_rows, row.after_hash),
});

const insertPartSql = 'INSERT INTO operations.replay_part (job_id, topic, part, from_offset, until_offset) VALUES ($1, $2, $3, $4, $5)';
const changePartSql = `
  UPDATE operations.replay_part SET
    state = COALESCE($4, state), until_offset = COALESCE($5, until_offset),
    before_rows = COALESCE($6, before_rows), before_hash = COALESCE($7, before_hash),
    after_rows = COALESCE($8, after_rows), after_hash = COALESCE($9, after_hash)
  WHERE job_id = $1 AND topic = $2 AND part = $3`;

export function createReplayJobs(pool: Pool): ReplayJobs {
  const query = async <Row extends object>(sql: string, values: readonly unknown[]): Promise<readonly Row[]> => {
    try {
      return (await pool.query<Row>(sql, [...values])).rows;
    } catch (error) {
      throw toDatabaseError(error);
    }
  };
  const withParts = async (row: JobRow): Promise<ReplayJob> => ({
    jobId: row.job_id,
    kind: row.kind,
    name: row.name,
    plan: row.plan,
    state: row.state,
    plannedAt: row.planned_at,
    parts: (await query<PartRow>('SELECT * FROM operations.replay_part WHERE job_id = $1 ORDER BY topic, part', [row.job_id])).map(partOf),
  });
  const find = async (jobId: string): Promise<ReplayJob> => {
    const [row] = await query<JobRow>('SELECT * FROM operations.replay_job WHERE job_id = $1', [jobId]);
    if (!row) throw new VigilError('BAD_USAGE', { detail: 'There is no replay of that id: vigil replay status lists them.' });
    return withParts(row);
  };
  return {
    find,
    async create({ kind, name, plan, parts }) {
      const jobId = `r${randomBytes(4).toString('hex')}`;
      await inTransaction(pool, async (transaction) => {
        await transaction.query('INSERT INTO operations.replay_job (job_id, kind, name, plan) VALUES ($1, $2, $3, $4)', [
          jobId,
          kind,
          name,
          JSON.stringify(plan),
        ]);
        for (const { topic, partition, fromOffset, untilOffset } of parts) {
          await transaction.query(insertPartSql, [jobId, topic, partition, fromOffset, untilOffset]);
        }
      });
      return find(jobId);
    },
    async list() {
      const rows = await query<JobRow>('SELECT * FROM operations.replay_job ORDER BY planned_at DESC LIMIT 1000', []);
      return Promise.all(rows.map(withParts));
    },
    async setState(jobId, state) {
      await query('UPDATE operations.replay_job SET state = $2, changed_at = clock_timestamp() WHERE job_id = $1', [jobId, state]);
    },
    async changePart(jobId, { topic, partition }, { state, before, after }) {
      const fingerprints = [before?.untilOffset, before?.rows, before?.hash, after?.rows, after?.hash];
      await query(changePartSql, [jobId, topic, partition, state ?? null, ...fingerprints.map((value) => value ?? null)]);
    },
    async exclusively(jobId, work) {
      // A session lock: it ends with the connection, whatever becomes of this process.
      const connection = await pool.connect().catch((error: unknown) => {
        throw toDatabaseError(error);
      });
      try {
        const { rows } = await connection.query<{ free: boolean }>('SELECT pg_try_advisory_lock(hashtextextended($1, 1)) AS free', [jobId]);
        if (rows[0]?.free !== true) throw new VigilError('BAD_USAGE', { detail: 'Another process is working on this replay just now.' });
        return await work();
      } finally {
        // Told, not left to the end of the connection: the server notices that only a moment later.
        await connection.query('SELECT pg_advisory_unlock_all()').catch(() => undefined);
        connection.release(true);
      }
    },
  };
}
