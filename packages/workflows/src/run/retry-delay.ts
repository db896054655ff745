import { hashId } from '@vigil/core';
import type { RetryPolicy } from '../plan/run-plan.ts';

export interface FailedAttempt {
  readonly runId: string;
  readonly task: string;
  readonly part: number;
  /** The one that failed, from 1. */
  readonly attempt: number;
}

const hashSpan = 2 ** 32;
/** Beyond it doubling says nothing more than the longest delay does. */
const maxDoublings = 30;

/** 0 up to but not 1, the same for the same attempt. */
const shareOf = ({ runId, task, part, attempt }: FailedAttempt): number =>
  Number.parseInt(hashId('jitter', runId, task, part, attempt).slice(0, 8), 16) / hashSpan;

/** Milliseconds from a failure to the next attempt: never above the policy's longest; jitter only takes off. */
export function retryDelayMs(policy: RetryPolicy, failed: FailedAttempt): number {
  const doublings = policy.backoff === 'exponential' ? Math.min(failed.attempt - 1, maxDoublings) : 0;
  const longestMs = Math.min(policy.delayMs * 2 ** doublings, policy.maxDelayMs);
  return Math.round(longestMs * (1 - policy.jitter * shareOf(failed)));
}
