import type { ClaimSubmitted, PendReason, ReviewDecided } from '@vigil/contracts';
import type { Adjudication } from '../domain/adjudication.ts';
import type { ClaimWorld, Day, ReferenceBook } from '../domain/claim-world.ts';
import type { ClaimStores } from '../state/claim-stores.ts';

/** One look at a submitted claim: when it came, or when a person decided about it. */
export interface Submission {
  readonly claim: ClaimSubmitted;
  /** Key of its records: policy token, else patient token. */
  readonly key: string;
  /** What its claim id is in the book of claims. */
  readonly ownKey: string;
  /** Where it stands in that book once it is decided: under its id, or beside it where another claim has a right to that. */
  readonly place: string;
  /** Ingestion time of the record that made us look, milliseconds since the epoch: a replay decides the same. */
  readonly atMs: number;
  readonly today: Day;
  /** Number of the decision that is made now, from 1. */
  readonly number: number;
  readonly review: ReviewDecided | undefined;
  /** Something else stands under its id, although nobody before noticed. */
  readonly hasTakenId: boolean;
  /** What the person of `review` was asked. */
  readonly asked: readonly PendReason[];
  /** What people released so far. */
  readonly lookedAt: readonly PendReason[];
}

/** What decisions are made with. */
export interface Desk {
  readonly stores: ClaimStores;
  readonly reference: ReferenceBook;
  readonly adjudicate: (claim: ClaimSubmitted, world: ClaimWorld) => Adjudication;
  /** Why a void takes nothing back now; null = it does. */
  readonly adjudicateVoid: (claim: ClaimSubmitted, world: ClaimWorld) => Adjudication | null;
}

export const isReleased = ({ review }: Submission): boolean => review?.decision === 'release';

/** What the records about a claim are keyed by, and its partition with them. */
export const recordKeyOf = ({ policyToken, patientToken }: ClaimSubmitted): string => policyToken || patientToken;

/** Claim ids are unique within a scope, and what stands under one is the business of one policy only. */
export const bookKeyOf = (key: string, scope: string, claimId: string): string => `${key}|${scope}|${claimId}`;

/** Its id belongs to another claim: suspected tampering, until a person says otherwise. */
export const isConflicting = ({ claim, hasTakenId }: Submission): boolean => claim.standing === 'conflicting' || hasTakenId;
