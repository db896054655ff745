import type { Outcome } from './record-delivery.ts';

/** An answer of a provider as the delivery needs it. */
export interface Verdict {
  readonly outcome: Exclude<Outcome, 'blocked'>;
  /** Whether it says that the provider is unwell: what the breaker counts. */
  readonly isFailure: boolean;
  /** Status of HTTP or SMTP; null where there was no answer. */
  readonly status: number | null;
  readonly retryAfterMs: number | null;
}

/** No answer: network, time-out. The message may have been taken: its dedup key makes a repeat harmless. */
export const unanswered: Verdict = { outcome: 'retry', isFailure: true, status: null, retryAfterMs: null };

const longestWaitMs = 600_000;

/** `Retry-After` in seconds or as an HTTP date, bounded: a provider cannot silence a page for a day. */
export function readRetryAfter(header: string | null, nowMs: number): number | null {
  if (header === null || header.trim() === '') return null;
  const seconds = Number(header);
  const waitMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - nowMs;
  return Number.isFinite(waitMs) && waitMs > 0 ? Math.min(waitMs, longestWaitMs) : null;
}

/** PagerDuty and Slack: 2xx taken; 429 and 5xx later; every other status never. */
export function classifyHttp(status: number, isTaken: boolean, retryAfterMs: number | null): Verdict {
  if (status >= 200 && status < 300)
    return isTaken ? { outcome: 'accepted', isFailure: false, status, retryAfterMs: null } : { ...unanswered, status };
  if (status === 429) return { outcome: 'retry', isFailure: false, status, retryAfterMs };
  if (status >= 500) return { outcome: 'retry', isFailure: true, status, retryAfterMs };
  return { outcome: 'permanent', isFailure: false, status, retryAfterMs: null };
}

/** SMTP, where 4xx means later and 5xx never (RFC 5321, 4.2.1). */
export function classifySmtp(status: number | null): Verdict {
  if (status === null || status < 400) return unanswered;
  return status < 500
    ? { outcome: 'retry', isFailure: true, status, retryAfterMs: null }
    : { outcome: 'permanent', isFailure: false, status, retryAfterMs: null };
}
