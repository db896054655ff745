import type { QualityLimits } from '@vigil/batch';
import type { TaskDefinition } from '@vigil/definitions';

type Written = Extract<TaskDefinition, { type: 'batch' }>['quality'];

/** Limits as a definition or a source writes them; null = none. */
export const qualityLimitsOf = (written: Written): QualityLimits | null =>
  written === undefined
    ? null
    : { minimumScore: written.minimum_score, columns: written.columns ?? {}, mostDrift: written.most_drift ?? null };
