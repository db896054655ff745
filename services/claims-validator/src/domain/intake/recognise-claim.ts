import type { SeenClaim } from '@vigil/contracts';

/** More contents than anybody sends under one id by mistake; beyond, the oldest but the first original is forgotten. */
export const mostOtherContents = 64;

export interface ClaimContent {
  /** Of the claim as it was understood. */
  readonly contentHash: string;
  /** Of its bytes as they came. */
  readonly bytesHash: string;
  readonly frequency: 'original' | 'replacement' | 'void';
}

/**
 * What a content is to the claim id that it came under.
 *
 * - `repeat`       it came before: nothing happens again
 * - `first`        the first original, or a replacement or void, which may say something else by its nature
 * - `conflicting`  a second original with other content: suspected tampering
 */
export type Recognition = 'repeat' | 'first' | 'conflicting';

export function recogniseClaim(seen: Readonly<SeenClaim> | undefined, { contentHash, bytesHash, frequency }: ClaimContent): Recognition {
  if (seen === undefined) return 'first';
  if (seen.original === contentHash || seen.others.includes(contentHash) || seen.bytes.includes(bytesHash)) return 'repeat';
  return frequency === 'original' && seen.original !== null ? 'conflicting' : 'first';
}

/** What is seen after it; the first original stays whatever comes. */
export function rememberContent(seen: Readonly<SeenClaim> | undefined, { contentHash, bytesHash, frequency }: ClaimContent): SeenClaim {
  const { original, others } = seen ?? { original: null, others: [] };
  const bytes = [...(seen?.bytes ?? []), bytesHash].slice(-mostOtherContents);
  if (frequency === 'original' && original === null) return { original: contentHash, others: [...others], bytes };
  return { original, others: [...others, contentHash].slice(-mostOtherContents), bytes };
}
