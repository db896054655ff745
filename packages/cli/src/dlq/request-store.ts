import { randomUUID } from 'node:crypto';
import { VigilError } from '@vigil/core';
import { inTransaction, toDatabaseError, type createPool } from '@vigil/postgres';
import type { EntryFilter } from './entry-filter.ts';
import { requestOf, type DlqRequest, type EntryState, type RequestAction, type RequestRow } from './request-rows.ts';
import { placeName, type EntryPlace, type Selection } from './select-entries.ts';
import type { QueueIdentity } from './walk-queue.ts';

type Pool = ReturnType<typeof createPool>;

export interface NewRequest {
  readonly action: RequestAction;
  readonly queue: QueueIdentity;
  readonly filter: EntryFilter;
  readonly selection: Selection;
  readonly reason: string;
  readonly editHash: string | null;
  readonly by: string;
}

/** What became of the records of one queue; a record that is not in it is open. */
export type EntryStates = ReadonlyMap<string, EntryState>;

/** Requests and the records that they claim, in PostgreSQL. Every method throws VigilErrors of the database. */
export interface RequestStore {
  /** Claims every record of the selection or none. One unedited record needs no second person: it is approved at once. @throws ALREADY_CLAIMED */
  create(request: NewRequest): Promise<DlqRequest>;
  /** @throws BAD_USAGE where there is none */
  find(id: string): Promise<DlqRequest>;
  list(): Promise<readonly DlqRequest[]>;
  /** @throws SECOND_PERSON_NEEDED, BAD_USAGE where it is settled already */
  approve(request: DlqRequest, by: string): Promise<DlqRequest>;
  /** Frees what was not sent. @throws BAD_USAGE where it is settled already */
  decline(request: DlqRequest, by: string): Promise<void>;
  /** Places that the request still holds, and those it has settled. */
  placesOf(request: DlqRequest): Promise<{ readonly claimed: readonly EntryPlace[]; readonly settled: readonly EntryPlace[] }>;
  settle(request: DlqRequest, places: readonly EntryPlace[], state: EntryState): Promise<void>;
  finish(request: DlqRequest): Promise<DlqRequest>;
  /** Nobody else carries the request out or declines it meanwhile. @throws BAD_USAGE where somebody does just now */
  exclusively<Result>(request: DlqRequest, work: () => Promise<Result>): Promise<Result>;
  statesOf(queue: Pick<QueueIdentity, 'topic' | 'topicId'>): Promise<EntryStates>;
}

const selectRequest = `SELECT r.*, (SELECT count(*)::int FROM operations.dlq_entry e
  WHERE e.request_id = r.request_id AND e.state <> 'claimed') AS settled FROM operations.dlq_request r`;

const claimSql = `INSERT INTO operations.dlq_entry (topic, topic_id, part, src_offset, request_id, state)
  SELECT $1, $2, place.part, place.src_offset, $3, 'claimed' FROM unnest($4::int[], $5::bigint[]) AS place (part, src_offset)
  ON CONFLICT DO NOTHING`;

const partsOf = (places: readonly EntryPlace[]): number[] => places.map(({ partition }) => partition);
const offsetsOf = (places: readonly EntryPlace[]): number[] => places.map(({ offset }) => offset);
const uuidShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

interface EntryRow {
  readonly part: number;
  readonly src_offset: number;
  readonly state: EntryState;
}

const placeOf = ({ part, src_offset }: EntryRow): EntryPlace => ({ partition: part, offset: src_offset });

export function createRequestStore(pool: Pool): RequestStore {
  const rowsOf = async <Row extends object>(sql: string, values: readonly unknown[]): Promise<readonly Row[]> => {
    try {
      return (await pool.query<Row>(sql, [...values])).rows;
    } catch (error) {
      throw toDatabaseError(error);
    }
  };
  const find = async (id: string): Promise<DlqRequest> => {
    const [row] = uuidShape.test(id) ? await rowsOf<RequestRow>(`${selectRequest} WHERE r.request_id = $1`, [id]) : [];
    if (!row) throw new VigilError('BAD_USAGE', { detail: 'There is no request of that id: vigil dlq requests.' });
    return requestOf(row);
  };
  /** @throws BAD_USAGE where the state is no longer what the caller saw */
  const move = async (sql: string, values: readonly unknown[]): Promise<void> => {
    const moved = await rowsOf(`${sql} RETURNING request_id`, values);
    if (moved.length === 0) throw new VigilError('BAD_USAGE', { detail: 'The request was settled meanwhile: vigil dlq requests.' });
  };

  return {
    find,
    async create({ action, queue: { topic, topicId }, filter, selection: { entries, hash }, reason, editHash, by }) {
      const id = randomUUID();
      const alone = entries.length === 1 && editHash === null;
      await inTransaction(pool, async (transaction) => {
        await transaction.query(
          `INSERT INTO operations.dlq_request (request_id, action, topic, topic_id, filter, reason, records, selection_hash, edit_hash,
             requested_by, state, decided_by, decided_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, CASE WHEN $12::text IS NULL THEN NULL ELSE clock_timestamp() END)`,
          [id, action, topic, topicId, JSON.stringify(filter), reason, entries.length, hash, editHash, by,
            alone ? 'approved' : 'pending', alone ? by : null], // prettier-ignore
        );
        const { rowCount } = await transaction.query(claimSql, [topic, topicId, id, partsOf(entries), offsetsOf(entries)]);
        if (rowCount !== entries.length) throw new VigilError('ALREADY_CLAIMED');
      });
      return find(id);
    },
    list: async () => (await rowsOf<RequestRow>(`${selectRequest} ORDER BY r.requested_at DESC LIMIT 1000`, [])).map(requestOf),
    async approve(request, by) {
      if (request.requestedBy === by) throw new VigilError('SECOND_PERSON_NEEDED');
      await move(
        `UPDATE operations.dlq_request SET state = 'approved', decided_by = $2, decided_at = clock_timestamp()
         WHERE request_id = $1 AND state = 'pending'`,
        [request.id, by],
      );
      return find(request.id);
    },
    async decline(request, by) {
      await move(
        `WITH freed AS (DELETE FROM operations.dlq_entry WHERE request_id = $1 AND state = 'claimed'
           AND EXISTS (SELECT FROM operations.dlq_request WHERE request_id = $1 AND state IN ('pending', 'approved')))
         UPDATE operations.dlq_request SET state = 'declined', decided_by = $2, decided_at = clock_timestamp()
         WHERE request_id = $1 AND state IN ('pending', 'approved')`,
        [request.id, by],
      );
    },
    async placesOf({ id }) {
      const rows = await rowsOf<EntryRow>('SELECT part, src_offset, state FROM operations.dlq_entry WHERE request_id = $1', [id]);
      const [claimed, settled] = [rows.filter(({ state }) => state === 'claimed'), rows.filter(({ state }) => state !== 'claimed')];
      return { claimed: claimed.map(placeOf), settled: settled.map(placeOf) };
    },
    async settle({ id, topic, topicId }, places, state) {
      await rowsOf(
        `UPDATE operations.dlq_entry e SET state = $6, changed_at = clock_timestamp()
         FROM unnest($4::int[], $5::bigint[]) AS place (part, src_offset)
         WHERE e.request_id = $1 AND e.topic = $2 AND e.topic_id = $3 AND e.part = place.part AND e.src_offset = place.src_offset`,
        [id, topic, topicId, partsOf(places), offsetsOf(places), state],
      );
    },
    async finish({ id }) {
      await move(
        `UPDATE operations.dlq_request SET state = 'done', finished_at = clock_timestamp() WHERE request_id = $1 AND state = 'approved'`,
        [id],
      );
      return find(id);
    },
    async exclusively({ id }, work) {
      // A session lock: it ends with the connection, whatever becomes of this process.
      const connection = await pool.connect().catch((error: unknown) => {
        throw toDatabaseError(error);
      });
      try {
        const { rows } = await connection.query<{ free: boolean }>('SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS free', [id]);
        if (rows[0]?.free !== true) throw new VigilError('BAD_USAGE', { detail: 'Somebody is carrying this request out just now.' });
        return await work();
      } finally {
        // Told, not left to the end of the connection: the server notices that only a moment later.
        await connection.query('SELECT pg_advisory_unlock_all()').catch(() => undefined);
        connection.release(true);
      }
    },
    async statesOf({ topic, topicId }) {
      const rows = await rowsOf<EntryRow>('SELECT part, src_offset, state FROM operations.dlq_entry WHERE topic = $1 AND topic_id = $2', [
        topic,
        topicId,
      ]);
      return new Map(rows.map((row) => [placeName(placeOf(row)), row.state]));
    },
  };
}
