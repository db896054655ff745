/** Five shares between 0 and 1, and what they come to. */
export interface Quality {
  /** Required values that are there. */
  readonly completeness: number;
  /** Values that are valid. */
  readonly validity: number;
  /** Records that are no repeats. */
  readonly uniqueness: number;
  /** Records whose values agree with each other. */
  readonly consistency: number;
  /** Records that came in time. */
  readonly timeliness: number;
}

/** How good a file, table, hour of a stream (`column` empty), or one column of it was. */
export interface Score extends Quality {
  readonly column: string;
  readonly records: number;
  /** The product: one dimension at 0 makes everything worthless. */
  readonly score: number;
}

/** A share of nothing is 1: nothing is wrong. */
export const shareOf = (good: number, all: number): number => (all === 0 ? 1 : good / all);

export function scoreOf(column: string, records: number, quality: Quality): Score {
  const { completeness, validity, uniqueness, consistency, timeliness } = quality;
  return { column, records, ...quality, score: completeness * validity * uniqueness * consistency * timeliness };
}

/** Earlier scores that say something; below it there is no drift to tell. */
const leastHistory = 5;
/** A history without any spread would call the smallest change infinite. */
const leastSpread = 0.005;
/** Makes the median absolute deviation of a normal distribution its standard deviation. */
const toDeviation = 1.4826;

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

/**
 * Distance of a score from the median of its own history, in deviations by the median absolute deviation: a few bad files
 * in the history do not make the next one look good. 0 with fewer than five.
 */
export function driftOf(score: number, history: readonly number[]): number {
  if (history.length < leastHistory) return 0;
  const median = medianOf(history);
  const spread = toDeviation * medianOf(history.map((value) => Math.abs(value - median)));
  return (score - median) / Math.max(spread, leastSpread);
}

/** Limits of a definition or source: `quality: {minimum_score, columns, most_drift}`. */
export interface QualityLimits {
  readonly minimumScore: number;
  readonly columns: Readonly<Record<string, number>>;
  /** Deviations below the median of its history that the whole may stand; null = any number. */
  readonly mostDrift: number | null;
}

/** A score as it is held against limits. */
export type JudgedScore = Pick<Score, 'column' | 'score'> & { readonly drift: number };

export interface Shortfall {
  /** Empty = the whole. */
  readonly column: string;
  /** What a person reads of it: names of columns and scores, no values. */
  readonly text: string;
}

/** Never up: what is below its limit must not read as if it were at it. */
const shortScore = (score: number): string => (Math.floor(score * 10_000) / 10_000).toString();
const shortDrift = (drift: number): string => (Math.ceil(-drift * 10) / 10).toString();

/** What falls below its limit, the whole first. */
export const shortfallsOf = (scores: readonly JudgedScore[], { minimumScore, columns, mostDrift }: QualityLimits): readonly Shortfall[] =>
  scores.flatMap(({ column, score, drift }) => {
    const minimum = column === '' ? minimumScore : Object.hasOwn(columns, column) ? (columns[column] as number) : 0;
    const name = column === '' ? 'score' : column;
    if (score < minimum) return [{ column, text: `${name} ${shortScore(score)} below ${minimum}` }];
    if (column !== '' || mostDrift === null || -drift <= mostDrift) return [];
    return [{ column, text: `score ${shortScore(score)}, ${shortDrift(drift)} deviations below its history, at most ${mostDrift}` }];
  });
