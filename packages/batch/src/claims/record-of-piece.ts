import type { ClaimPiece, RejectedPiece } from '@vigil/claim-formats';
import { topics, type ClaimReceived, type InterchangeRejected } from '@vigil/contracts';
import type { OutgoingRecord } from '../job/batch-job.ts';

/** What a piece of an input of claims is published as: the customer's JSON as its own bytes, other formats as `ClaimReceived`. */
export function recordOfPiece(piece: ClaimPiece | RejectedPiece): OutgoingRecord<ClaimReceived> | OutgoingRecord<InterchangeRejected> {
  if (piece.kind === 'rejected') return { topic: topics.interchangeRejected, key: piece.record.rejectionId, value: piece.record };
  const { received, key } = piece;
  return { topic: topics.claimReceived, key, value: received.format === 'json' ? received.content : received };
}
