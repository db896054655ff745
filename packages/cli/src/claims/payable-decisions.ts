import { placeColumns, rowsOf, type DecisionPlace, type Queryable } from './read-decisions.ts';

/** A half-open range of offsets of one partition. */
export interface OffsetRange {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly until: number;
}

/** A decision that moves money, where it stands, and of a reversal what it takes back; null = the store does not have it. */
export interface PayablePlace extends DecisionPlace {
  readonly decisionId: string;
  readonly reverses: string | null;
  readonly originalChargeCents: number | null;
  readonly originalPaidCents: number | null;
}

/**
 * What is to be paid: no pended claims, no reversal of one or of nothing, and no decision that stands at an earlier place
 * already. In the order of places, so that a reversal and its correction stay neighbours.
 */
const payableSql = (places: string): string => `
  SELECT ${placeColumns.replaceAll('src_', 'd.src_')}, d.decision_id AS "decisionId", d.reverses,
    o.charge_cents AS "originalChargeCents", o.paid_cents AS "originalPaidCents"
  FROM ${places}
  LEFT JOIN LATERAL (
    SELECT charge_cents, paid_cents, outcome FROM claims.decision t WHERE d.kind = 'reversal' AND t.decision_id = d.reverses LIMIT 1
  ) o ON true
  WHERE d.outcome <> 'pended' AND (d.kind <> 'reversal' OR d.reverses IS NOT NULL) AND o.outcome IS DISTINCT FROM 'pended'
    AND NOT EXISTS (SELECT FROM claims.decision e WHERE e.decision_id = d.decision_id
      AND (e.src_topic, e.src_partition, e.src_offset) < (d.src_topic, d.src_partition, d.src_offset))
  ORDER BY d.src_topic, d.src_partition, d.src_offset`;

const inRangesSql = payableSql(`
  unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[]) AS wanted (topic, part, from_offset, until_offset)
  JOIN claims.decision d ON d.src_topic = wanted.topic AND d.src_partition = wanted.part
    AND d.src_offset >= wanted.from_offset AND d.src_offset < wanted.until_offset`);

const heldSql = payableSql(`
  claims.remittance_held h JOIN claims.decision d ON h.cycle_id = $1 AND d.src_topic = h.src_topic
    AND d.src_partition = h.src_partition AND d.src_offset = h.src_offset`);

/** Places of the decisions that move money, in some ranges. */
export const payableDecisions = (database: Queryable, ranges: readonly OffsetRange[]): Promise<readonly PayablePlace[]> =>
  rowsOf<PayablePlace>(database, inRangesSql, [
    ranges.map(({ topic }) => topic),
    ranges.map(({ partition }) => partition),
    ranges.map(({ from }) => from),
    ranges.map(({ until }) => until),
  ]);

/** Places of the decisions that a cycle held back: they are for the next one. */
export const decisionsHeldBy = (database: Queryable, cycleId: number | null): Promise<readonly PayablePlace[]> =>
  cycleId === null ? Promise.resolve([]) : rowsOf<PayablePlace>(database, heldSql, [cycleId]);
