import type { BatchProgressed } from '@vigil/contracts';
import { scoreOf, shareOf, type Score } from './quality-score.ts';

const hourMs = 3_600_000;

/** Start of the hour as ISO 8601. */
export const hourOf = (timeMs: number): string => `${new Date(Math.floor(timeMs / hourMs) * hourMs).toISOString().slice(0, 13)}:00:00Z`;

export interface StreamScore {
  readonly topic: string;
  /** Start of the hour. */
  readonly period: string;
  readonly score: Score;
}

type Counts = Pick<BatchProgressed, 'consumed' | 'processed' | 'late' | 'duplicate' | 'rejected' | 'suppressed'>;

const added = (left: Counts, right: Counts): Counts => ({
  consumed: left.consumed + right.consumed,
  processed: left.processed + right.processed,
  late: left.late + right.late,
  duplicate: left.duplicate + right.duplicate,
  rejected: left.rejected + right.rejected,
  suppressed: left.suppressed + right.suppressed,
});

/**
 * An hour of a source by the dispositions of its first stage: rejected is invalid, duplicate is a repeat, late is late, and
 * what no disposition accounts for does not agree. A stream tells no column by column; completeness is part of validity there.
 */
function judgeHour({ consumed, processed, late, duplicate, rejected, suppressed }: Counts): Score {
  const told = processed + late + duplicate + rejected + suppressed;
  return scoreOf('', consumed, {
    completeness: 1,
    validity: shareOf(consumed - rejected, consumed),
    uniqueness: shareOf(consumed - duplicate, consumed),
    consistency: shareOf(consumed - Math.min(consumed, Math.abs(consumed - told)), consumed),
    timeliness: shareOf(consumed - late, consumed),
  });
}

/** Scores of stream sources by topic and hour, from rows of the ledger as they are read; a few numbers an hour are kept. */
export class StreamScorer {
  readonly #firstStages: Readonly<Record<string, string>>;
  readonly #hours = new Map<string, { readonly topic: string; readonly period: string; readonly counts: Counts }>();

  /** @param firstStages  topic of a source → the group that reads it first */
  constructor(firstStages: Readonly<Record<string, string>>) {
    this.#firstStages = firstStages;
  }

  add(row: BatchProgressed): void {
    const { topic, stage, subStage, committedAt } = row;
    if (!Object.hasOwn(this.#firstStages, topic) || this.#firstStages[topic] !== stage || subStage !== '') return;
    const period = hourOf(committedAt);
    const known = this.#hours.get(`${topic} ${period}`);
    this.#hours.set(`${topic} ${period}`, { topic, period, counts: known ? added(known.counts, row) : row });
  }

  scores(): readonly StreamScore[] {
    return [...this.#hours.values()].map(({ topic, period, counts }) => ({ topic, period, score: judgeHour(counts) }));
  }
}
