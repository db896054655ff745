import { VigilError } from '@vigil/core';
import type { JobCounts, SkipLimit } from './batch-job.ts';

/** From so many items on a share of them says something. */
const leastForRatio = 100;

/** Whether more is rejected than the job may skip. */
export const isAboveSkipLimit = ({ read, rejected }: Pick<JobCounts, 'read' | 'rejected'>, limit: SkipLimit | null): boolean =>
  limit !== null && (rejected > limit.count || (read >= leastForRatio && rejected / read > limit.ratio));

export const skipLimitError = (job: string, { read, rejected }: JobCounts): VigilError =>
  new VigilError('JOB_SKIP_LIMIT', { detail: `${job}: ${rejected} of ${read} items.` });
