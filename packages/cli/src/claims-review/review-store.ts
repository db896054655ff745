import { VigilError } from '@vigil/core';
import { toDatabaseError, type createPool } from '@vigil/postgres';
import type { Proposal, Review, ReviewReason, Ruling } from './review.ts';

type Pool = ReturnType<typeof createPool>;

export interface NewProposal {
  readonly ruling: Ruling;
  readonly needsSecond: boolean;
  readonly by: string;
  readonly nowMs: number;
}

export type ReviewList = 'waiting' | 'closed';

export interface ListedReviews {
  readonly reviews: readonly Review[];
  readonly total: number;
}

/** So many are listed where nobody says how many. */
const listedByDefault = 1000;

/** The queue and its proposals, in PostgreSQL. Every method throws VigilErrors of the database. */
export interface ReviewStore {
  /** Reviews that wait for a decision, oldest first; `closed`: the decided ones, latest first. No more than `most`, with how many there are. */
  list(which: ReviewList, most?: number): Promise<ListedReviews>;
  /** @throws REVIEW_NOT_OPEN where there is none */
  find(id: string): Promise<Review>;
  /** Proposes, or decides where no second person is needed. @throws REVIEW_NOT_OPEN where somebody did before */
  propose(review: Review, proposal: NewProposal): Promise<Review>;
  /** @throws SECOND_PERSON_NEEDED, REVIEW_NOT_OPEN where nothing is proposed */
  confirm(review: Review, by: string, nowMs: number): Promise<Review>;
  /** Takes a proposal back. @throws REVIEW_NOT_OPEN where nothing is proposed */
  decline(review: Review): Promise<void>;
  published(review: Review): Promise<void>;
}

interface ReviewRow {
  readonly review_id: string;
  readonly submission_id: string;
  readonly record_key: string;
  readonly policy_token: string;
  readonly claim_id: string;
  readonly reasons: readonly ReviewReason[];
  readonly charge_cents: number;
  readonly second_person_cents: number | null;
  readonly requested_at: Date;
  readonly closed_at: Date | null;
  readonly withdrawn_by: string | null;
  readonly state: Proposal['state'] | null;
  readonly decision: Ruling['decision'];
  readonly group_code: string;
  readonly carc: string;
  readonly rarc: readonly string[];
  readonly reason: string;
  readonly needs_second: boolean;
  readonly proposed_by: string;
  readonly confirmed_by: string | null;
  readonly proposal_decided_at: Date | null;
}

const columns = `SELECT r.review_id, r.submission_id, r.record_key, r.policy_token, r.claim_id, r.reasons, r.charge_cents,
    r.second_person_cents, r.requested_at, r.decided_at AS closed_at, r.withdrawn_by, p.state, p.decision, p.group_code, p.carc, p.rarc, p.reason,
    p.needs_second, p.proposed_by, p.confirmed_by, p.decided_at AS proposal_decided_at`;
const from = 'FROM claims.review r LEFT JOIN claims.review_proposal p USING (review_id) WHERE r.requested_at IS NOT NULL';
const select = `${columns} ${from}`;

const lists: Readonly<Record<ReviewList, { readonly which: string; readonly order: string }>> = {
  waiting: { which: 'AND r.decided_at IS NULL AND r.withdrawn_by IS NULL', order: 'r.requested_at, r.review_id' },
  closed: { which: 'AND (r.decided_at IS NOT NULL OR r.withdrawn_by IS NOT NULL)', order: 'r.decided_at DESC NULLS LAST, r.review_id' },
};

const proposalOf = (row: ReviewRow): Proposal | null =>
  row.state && {
    state: row.state,
    decision: row.decision,
    group: row.group_code,
    carc: row.carc,
    rarc: row.rarc,
    reason: row.reason,
    needsSecond: row.needs_second,
    proposedBy: row.proposed_by,
    confirmedBy: row.confirmed_by,
    decidedAtMs: row.proposal_decided_at?.getTime() ?? null,
  };

function closedOf({ closed_at, withdrawn_by }: ReviewRow): Review['closed'] {
  if (closed_at !== null) return 'decided';
  return withdrawn_by === null ? null : 'withdrawn';
}

const reviewOf = (row: ReviewRow): Review => ({
  reviewId: row.review_id,
  submissionId: row.submission_id,
  recordKey: row.record_key,
  policyToken: row.policy_token,
  claimId: row.claim_id,
  reasons: row.reasons,
  chargeCents: row.charge_cents,
  secondPersonCents: row.second_person_cents,
  requestedAtMs: row.requested_at.getTime(),
  closed: closedOf(row),
  proposal: proposalOf(row),
});

const notOpen = (detail: string): VigilError => new VigilError('REVIEW_NOT_OPEN', { detail });

export function createReviewStore(pool: Pool): ReviewStore {
  const rowsOf = async <Row extends object>(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> => {
    try {
      return (await pool.query<Row>(sql, [...values])).rows;
    } catch (error) {
      throw toDatabaseError(error);
    }
  };
  const find = async (id: string): Promise<Review> => {
    const [row] = await rowsOf<ReviewRow>(`${select} AND r.review_id = $1`, [id]);
    if (!row) throw notOpen('There is no review of that id: vigil claims review list.');
    return reviewOf(row);
  };
  /** @throws REVIEW_NOT_OPEN where the state is no longer what the caller saw */
  const move = async (sql: string, values: readonly unknown[]): Promise<void> => {
    const moved = await rowsOf(`${sql} RETURNING review_id`, values);
    if (moved.length === 0) throw notOpen('Nothing is proposed, or somebody was faster.');
  };

  return {
    find,
    async list(list, most = listedByDefault) {
      const { which, order } = lists[list];
      // Counted in the same statement: both tell of one moment.
      const rows = await rowsOf<ReviewRow & { readonly total: number }>(
        `${columns}, count(*) OVER () AS total ${from} ${which} ORDER BY ${order} LIMIT $1`,
        [most],
      );
      return { reviews: rows.map(reviewOf), total: rows[0]?.total ?? 0 };
    },
    async propose({ reviewId }, { ruling, needsSecond, by, nowMs }) {
      const { decision, group, carc, rarc, reason } = ruling;
      const proposed = await rowsOf(
        `INSERT INTO claims.review_proposal (review_id, decision, group_code, carc, rarc, reason, needs_second, state, proposed_by, decided_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING RETURNING review_id`,
        [reviewId, decision, group, carc, [...rarc], reason, needsSecond, needsSecond ? 'proposed' : 'decided', by,
          needsSecond ? null : new Date(nowMs)], // prettier-ignore
      );
      if (proposed.length === 0) throw notOpen('Somebody proposed or decided before.');
      return find(reviewId);
    },
    async confirm({ reviewId, proposal }, by, nowMs) {
      if (proposal?.proposedBy === by) throw new VigilError('SECOND_PERSON_NEEDED');
      await move(
        `UPDATE claims.review_proposal SET state = 'decided', confirmed_by = $2, decided_at = $3
         WHERE review_id = $1 AND state = 'proposed'`,
        [reviewId, by, new Date(nowMs)],
      );
      return find(reviewId);
    },
    decline: ({ reviewId }) => move(`DELETE FROM claims.review_proposal WHERE review_id = $1 AND state = 'proposed'`, [reviewId]),
    published: ({ reviewId }) =>
      move(`UPDATE claims.review_proposal SET state = 'published' WHERE review_id = $1 AND state <> 'proposed'`, [reviewId]),
  };
}
