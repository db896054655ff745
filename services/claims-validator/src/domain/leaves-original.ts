import type { Adjudication } from './adjudication.ts';

/**
 * Whether a replacement that was denied leaves standing what it wanted to replace: it was unprocessable (steps 1 and 2), came too
 * late, or a person refused it. Whatever else denies it was decided about its services, and is what stands now.
 */
export const leavesOriginal = ({ outcome, endedIn, claimReasons, lines }: Adjudication): boolean =>
  outcome === 'denied' &&
  (endedIn === 'validate' ||
    claimReasons.some(({ rule }) => rule === 'REVIEW_DENIED') ||
    lines.some(({ reasons }) => reasons.some(({ rule }) => rule === 'TIMELY_FILING')));
