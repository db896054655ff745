import type pg from 'pg';
import { ApiProblem } from '../../api/problem.ts';
import type { ChangeFilter, ChangeHub, ChangePage, PlacedChange } from '../../api/stream-changes.ts';

/** A place in the stream: the transaction that wrote a change, its run, its number in the run. */
type Place = readonly [xid: string, runId: string, seq: number];

const lowestRun = '00000000-0000-0000-0000-000000000000';
const placePattern = /^(\d{1,20})\.([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})\.(-1|\d{1,15})$/;

const writePlace = ([xid, runId, seq]: Place): string => `${xid}.${runId}.${seq}`;

/** @throws ApiProblem BAD_REQUEST */
function readPlace(text: string): Place {
  const [, xid, runId, seq] = placePattern.exec(text) ?? [];
  if (xid === undefined || runId === undefined) throw new ApiProblem('BAD_REQUEST', 'Last-Event-ID: no id of this stream.');
  return [xid, runId, Number(seq)];
}

/**
 * Every transaction of this database below this one has ended, so none of their changes can appear later. Those that are open
 * in other databases of the cluster cannot write here: a load of the warehouse must not hold the stream up. Which database a
 * transaction is in is told by the tables that it has locked; of one that has locked none yet it is not known, and it counts.
 */
const endedSql = `(
  SELECT coalesce(min(open.xid), pg_snapshot_xmax(pg_current_snapshot())) FROM pg_snapshot_xip(pg_current_snapshot()) AS open(xid)
  WHERE NOT EXISTS (
    SELECT FROM pg_locks own JOIN pg_locks held USING (virtualtransaction) WHERE own.locktype = 'transactionid' AND own.transactionid = open.xid::xid
      AND own.granted AND own.mode = 'ExclusiveLock' AND held.locktype = 'relation' AND held.database <> 0
      AND held.database <> (SELECT oid FROM pg_database WHERE datname = current_database())))`;

const nowSql = `SELECT ${endedSql}::text AS xid`;

const pageSql = `
  SELECT e.xid::text, e.run_id AS "runId", e.seq, e.at, e.input->>'kind' AS kind, r.workflow, r.status, t.state,
    coalesce(e.input->>'task', e.input->'timer'->>'task') AS task, (coalesce(e.input->'part', e.input->'timer'->'part'))::int AS part
  FROM orchestration.run_event e JOIN orchestration.run r USING (run_id)
  LEFT JOIN orchestration.task_run t ON t.run_id = e.run_id AND t.task = coalesce(e.input->>'task', e.input->'timer'->>'task')
    AND t.part = coalesce((coalesce(e.input->'part', e.input->'timer'->'part'))::int, 0)
  WHERE (e.xid, e.run_id, e.seq) > ($1::text::xid8, $2::uuid, $3::bigint) AND e.xid < ${endedSql}
  ORDER BY e.xid, e.run_id, e.seq LIMIT 500`;

const lastSql = `SELECT max(xid)::text AS xid FROM orchestration.run_event WHERE xid < ${endedSql}`;

interface ChangeRow {
  readonly xid: string;
  readonly runId: string;
  readonly seq: number;
  readonly at: Date;
  readonly kind: string;
  readonly workflow: string;
  readonly status: string;
  readonly state: string | null;
  readonly task: string | null;
  readonly part: number | null;
}

const toPlaced = ({ xid, at, ...row }: ChangeRow): PlacedChange => ({
  id: writePlace([xid, row.runId, row.seq]),
  change: { ...row, at: at.toISOString() },
});

const passes = ({ workflow, runId }: ChangeFilter, row: ChangeRow): boolean =>
  (workflow === null || row.workflow === workflow) && (runId === null || row.runId === runId);

export interface HubOptions {
  readonly pool: pg.Pool;
  /** Time between two looks while anybody follows. */
  readonly everyMs: number;
}

/** Wakes all who follow when anything changed: one look for all of them, none while nobody does. */
function createBell({ pool, everyMs }: HubOptions) {
  let waiting: (() => void)[] = [];
  let last: string | null = null;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    // A database that is away is seen by those who follow, when they ask it.
    const xid = await pool.query<{ xid: string | null }>(lastSql).then(
      ({ rows }) => rows[0]?.xid ?? null,
      () => 'unknown',
    );
    if (xid !== last) ring();
    last = xid;
    timer = waiting.length > 0 ? setTimeout(() => void look(), everyMs) : undefined;
  };
  const ring = (): void => {
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  };
  /** Resolves when something changed behind the look that found nothing, or with `signal`. */
  return (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      waiting.push(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
      timer ??= setTimeout(() => void look(), everyMs);
    });
}

/** Changes of runs from PostgreSQL: complete, in one order for everybody, resumable at any of them. */
export function createChangeHub(options: HubOptions): ChangeHub {
  const { pool } = options;
  const changed = createBell(options);

  async function readPage([xid, runId, seq]: Place, filter: ChangeFilter): Promise<{ page: ChangePage; next: Place; full: boolean }> {
    const { rows } = await pool.query<ChangeRow>(pageSql, [xid, runId, seq]);
    const last = rows.at(-1);
    const next: Place = last === undefined ? [xid, runId, seq] : [last.xid, last.runId, last.seq];
    const changes = rows.filter((row) => passes(filter, row)).map(toPlaced);
    return { page: { id: writePlace(next), changes }, next, full: rows.length > 0 };
  }

  async function* follow(after: string | null, filter: ChangeFilter, signal: AbortSignal): AsyncGenerator<ChangePage> {
    const from = after === null ? null : readPlace(after);
    let place: Place = from ?? [(await pool.query<{ xid: string }>(nowSql)).rows[0]?.xid ?? '0', lowestRun, -1];
    yield { id: writePlace(place), changes: [] };
    while (!signal.aborted) {
      const { page, next, full } = await readPage(place, filter);
      place = next;
      if (full) yield page;
      else await changed(signal);
    }
  }
  return { follow };
}
