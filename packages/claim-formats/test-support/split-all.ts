import type { AcknowledgementPiece, ClaimPiece, RejectedPiece } from '../src/index.ts';
import { splitClaims, type Hold } from '../src/index.ts';

export interface SplitResult {
  readonly claims: readonly ClaimPiece[];
  readonly rejected: readonly RejectedPiece[];
  readonly acknowledgements: readonly AcknowledgementPiece[];
  /** Claims that were received, and those that count as rejected. */
  readonly received: number;
  readonly rejectedClaims: number;
}

export const nowMs = Date.UTC(2026, 2, 1, 10, 23);

/** Everything that comes of an input, given in chunks of at most `chunkBytes`. */
export async function splitAll(
  input: Buffer | string,
  of: { readonly chunkBytes?: number; readonly openHold?: (offset: number) => Hold } = {},
): Promise<SplitResult> {
  const bytes = Buffer.from(input as string);
  const { chunkBytes = bytes.length || 1, openHold } = of;
  const chunks = (async function* () {
    for (let from = 0; from < bytes.length; from += chunkBytes) yield bytes.subarray(from, from + chunkBytes);
  })();
  const claims: ClaimPiece[] = [];
  const rejected: RejectedPiece[] = [];
  const acknowledgements: AcknowledgementPiece[] = [];
  for await (const piece of splitClaims(chunks, { source: 'test', nowMs, ...(openHold && { openHold }) })) {
    if (piece.kind === 'claim') claims.push(piece);
    else if (piece.kind === 'rejected') rejected.push(piece);
    else acknowledgements.push(piece);
  }
  const rejectedClaims = rejected.reduce((sum, { record }) => sum + record.claims, 0);
  return { claims, rejected, acknowledgements, received: claims.length, rejectedClaims };
}

/** Findings as `CODE@segment ID element:component`, of all rejections in their order. */
export const findingsOf = ({ rejected }: SplitResult): string[] =>
  rejected.flatMap(({ record }) =>
    record.findings.map(({ code, segment, segmentId, element, component }) =>
      [`${code}@${segment}`, segmentId, element === null ? '' : `${element}${component === null ? '' : `:${component}`}`].join(' ').trim(),
    ),
  );
