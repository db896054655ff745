import { randomUUID } from 'node:crypto';
import { hashId, toUuid } from '@vigil/core';
import { inspectDefinition, schedulesOf, workflowSchema } from '@vigil/definitions';
import { inTransaction, type Transaction } from '@vigil/postgres';
import type pg from 'pg';
import type { z } from 'zod';
import { ApiProblem } from '../../api/problem.ts';
import type { Handlers } from '../../api/routes.ts';
import type { backfillDetailSchema, backfillSchema } from '../../api/schemas/schedule.ts';
import type { DefinitionStore, StoredDefinition } from '../../domain/runs/definition-store.ts';
import type { RunStore } from '../../domain/runs/run-store.ts';
import { backfillTimes, mostPartitions } from '../../domain/schedules/backfill-times.ts';
import { fromMs } from '../schedules/schedule-row.ts';
import { byTime, pageOfRows, readCursor } from './page-cursor.ts';
import { isoOf } from './run-rows.ts';

type Backfill = z.input<typeof backfillSchema>;
type Partition = z.input<typeof backfillDetailSchema>['partitions'][number];
type BackfillHandlers = Pick<
  Handlers,
  'listBackfills' | 'requestBackfill' | 'showBackfill' | 'pauseBackfill' | 'resumeBackfill' | 'cancelBackfill'
>;

export interface BackfillParts {
  readonly pool: pg.Pool;
  readonly runs: RunStore<Transaction>;
  readonly definitions: DefinitionStore;
  readonly nudge: () => void;
}

const selectSql = `
  SELECT b.backfill_id AS "backfillId", b.workflow, b.version, b.from_at AS "from", b.until_at AS "until", b.at_once AS "atOnce", b.state,
    b.requested_by AS "requestedBy", b.created_at AS "createdAt", b.created_at::text AS cursor, p.parts
  FROM orchestration.backfill b CROSS JOIN LATERAL (
    SELECT jsonb_build_object('waiting', count(*) FILTER (WHERE state = 'waiting'), 'started', count(*) FILTER (WHERE state = 'started'),
      'succeeded', count(*) FILTER (WHERE state = 'succeeded'), 'failed', count(*) FILTER (WHERE state = 'failed'),
      'cancelled', count(*) FILTER (WHERE state = 'cancelled')) AS parts
    FROM orchestration.backfill_part WHERE backfill_id = b.backfill_id) p`;

const listSql = `${selectSql}
  WHERE ($1::text IS NULL OR b.workflow = $1) AND ($2::timestamptz IS NULL OR (b.created_at, b.backfill_id) < ($2, $3::uuid))
  ORDER BY b.created_at DESC, b.backfill_id DESC LIMIT $4`;
const oneSql = `${selectSql} WHERE b.backfill_id = $1`;
const partitionsSql = `
  SELECT scheduled_for AS "scheduledFor", run_id AS "runId", state FROM orchestration.backfill_part WHERE backfill_id = $1 ORDER BY scheduled_for`;

const insertSql = `
  INSERT INTO orchestration.backfill (backfill_id, workflow, version, from_at, until_at, at_once, state, requested_by)
  VALUES ($1, $2, $3, ${fromMs('$4')}, ${fromMs('$5')}, $6, 'running', $7) ON CONFLICT (backfill_id) DO NOTHING`;
const insertPartsSql = `
  INSERT INTO orchestration.backfill_part (backfill_id, scheduled_for, state) SELECT $1, ${fromMs('at')}, 'waiting' FROM unnest($2::bigint[]) AS at`;

const turnSql = `UPDATE orchestration.backfill SET state = $2 WHERE backfill_id = $1 AND state = ANY($3)`;
const dropPartsSql = `UPDATE orchestration.backfill_part SET state = 'cancelled' WHERE backfill_id = $1 AND state = 'waiting'`;
const openRunsSql = `SELECT run_id AS "runId" FROM orchestration.backfill_part WHERE backfill_id = $1 AND state = 'started'`;

interface BackfillRow extends Omit<Backfill, 'from' | 'until' | 'createdAt'> {
  readonly from: Date;
  readonly until: Date;
  readonly createdAt: Date;
  readonly cursor: string;
}

function toBackfill(found: BackfillRow): Backfill {
  const { from, until, createdAt, cursor: _, ...row } = found;
  return { ...row, from: isoOf(from), until: isoOf(until), createdAt: isoOf(createdAt) };
}

/** @throws ApiProblem BACKFILL_UNKNOWN */
async function readBackfill(database: pg.Pool | Transaction, backfillId: string): Promise<Backfill> {
  const { rows } = await database.query<BackfillRow>(oneSql, [backfillId]);
  if (rows[0] === undefined) throw new ApiProblem('BACKFILL_UNKNOWN', backfillId);
  return toBackfill(rows[0]);
}

const whyNone = {
  'no-such-schedule': 'The workflow has no cron or interval schedule.',
  'no-times': 'No time of the schedule lies in the range.',
  'too-many': `The range holds more than ${mostPartitions} times.`,
} as const;

/** @throws ApiProblem BAD_BACKFILL */
function timesOf({ text }: StoredDefinition, from: string, until: string): readonly number[] {
  const read = inspectDefinition(text, workflowSchema);
  const found = backfillTimes(read.ok ? schedulesOf(read.value) : [], Date.parse(from), Date.parse(until));
  if (!found.ok) throw new ApiProblem('BAD_BACKFILL', whyNone[found.why]);
  return found.timesMs;
}

type RequestBody = Parameters<Handlers['requestBackfill']>[0]['body'];

const isSame = (made: Backfill, { workflow, from, until, atOnce }: RequestBody): boolean =>
  made.workflow === workflow &&
  Date.parse(made.from) === Date.parse(from) &&
  Date.parse(made.until) === Date.parse(until) &&
  made.atOnce === atOnce;

async function request(
  { pool, definitions }: BackfillParts,
  body: RequestBody,
  key: string | null,
): Promise<{ status: 200 | 201; body: Backfill }> {
  const definition = await definitions.find(body.workflow, null);
  if (definition === null) throw new ApiProblem('WORKFLOW_UNKNOWN', body.workflow);
  const timesMs = timesOf(definition, body.from, body.until);
  const backfillId = key === null ? randomUUID() : toUuid(hashId('backfill request', key));
  return inTransaction(pool, async (transaction) => {
    const { workflow, version } = definition;
    const range = [Date.parse(body.from), Date.parse(body.until)];
    const { rowCount } = await transaction.query(insertSql, [backfillId, workflow, version, ...range, body.atOnce, body.by]);
    const isNew = rowCount === 1;
    if (isNew) await transaction.query(insertPartsSql, [backfillId, timesMs]);
    const made = await readBackfill(transaction, backfillId);
    if (!isNew && !isSame(made, body)) throw new ApiProblem('IDEMPOTENCY_KEY_REUSED');
    return { status: isNew ? 201 : 200, body: made } as const;
  });
}

/** @throws ApiProblem BACKFILL_UNKNOWN, BACKFILL_NOT_SO */
async function turn(
  transaction: Transaction,
  backfillId: string,
  state: Backfill['state'],
  from: readonly Backfill['state'][],
): Promise<void> {
  const { rowCount } = await transaction.query(turnSql, [backfillId, state, from]);
  if (rowCount === 1) return;
  const { state: present } = await readBackfill(transaction, backfillId);
  throw new ApiProblem('BACKFILL_NOT_SO', `It is ${present}.`);
}

/** Backfills: runs for past times, some at once. */
export function commandBackfills(parts: BackfillParts): BackfillHandlers {
  const { pool, runs, nudge } = parts;
  const act = async (backfillId: string, work: (transaction: Transaction) => Promise<void>) => {
    const body = await inTransaction(pool, async (transaction) => {
      await work(transaction);
      return readBackfill(transaction, backfillId);
    });
    nudge();
    return { status: 200, body } as const;
  };
  return {
    listBackfills: async ({ query: { workflow, cursor, limit } }) => {
      const { rows } = await pool.query<BackfillRow>(listSql, [workflow ?? null, ...readCursor(cursor, byTime), limit + 1]);
      return { status: 200, body: pageOfRows(rows, limit, { toItem: toBackfill, keysOf: (row) => [row.cursor, row.backfillId] }) };
    },
    requestBackfill: async ({ body, idempotencyKey }) => {
      const made = await request(parts, body, idempotencyKey);
      nudge();
      return made;
    },
    showBackfill: async ({ params: { backfillId } }) => {
      const backfill = await readBackfill(pool, backfillId);
      const { rows } = await pool.query<Omit<Partition, 'scheduledFor'> & { readonly scheduledFor: Date }>(partitionsSql, [backfillId]);
      const partitions = rows.map(({ scheduledFor, ...row }) => ({ ...row, scheduledFor: isoOf(scheduledFor) }));
      return { status: 200, body: { ...backfill, partitions } };
    },
    pauseBackfill: ({ params: { backfillId } }) => act(backfillId, (transaction) => turn(transaction, backfillId, 'paused', ['running'])),
    resumeBackfill: ({ params: { backfillId } }) => act(backfillId, (transaction) => turn(transaction, backfillId, 'running', ['paused'])),
    cancelBackfill: async ({ params: { backfillId }, body: { by, reason } }) => {
      // All or nothing: a backfill that is cancelled has no run left that nobody would ever cancel again.
      const cancelled = await act(backfillId, async (transaction) => {
        await turn(transaction, backfillId, 'cancelled', ['running', 'paused']);
        const { rows } = await transaction.query<{ runId: string }>(openRunsSql, [backfillId]);
        await runs.stepIn(
          transaction,
          rows.map(({ runId }) => ({ runId, messageId: null, input: { kind: 'cancel', by, reason } })),
        );
        await transaction.query(dropPartsSql, [backfillId]);
      });
      runs.settle();
      return cancelled;
    },
  };
}
