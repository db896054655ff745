import type { ClaimSubmitted, KnownClaim } from '@vigil/contracts';
import type { ClaimStores } from '../state/claim-stores.ts';
import { bookKeyOf, isReleased, type Desk, type Submission } from './submission.ts';

/** In whose place a submission stands. */
export type Original =
  /** It stands for itself. */
  | { readonly kind: 'none' }
  /** Nothing is known under that id: never seen under this policy, too long ago, or a correction that came to nothing. */
  | { readonly kind: 'unknown'; readonly key: string; readonly claim: KnownClaim | undefined }
  /** It was voided already. */
  | { readonly kind: 'reversed'; readonly key: string; readonly claim: KnownClaim }
  | StandingOriginal;

export interface StandingOriginal {
  readonly kind: 'standing';
  readonly key: string;
  readonly claim: KnownClaim;
  /** Corrections on the way to it that still wait: they are taken out of the queue with it. */
  readonly onTheWay: readonly WaitingClaim[];
  /** What the waiting correction, whose place is taken, named without anything standing there. */
  readonly beyond?: NothingStanding;
}

export interface NothingStanding {
  readonly key: string;
  readonly claim: KnownClaim | undefined;
}

export interface WaitingClaim {
  readonly key: string;
  readonly claim: KnownClaim;
}

type Asking = Pick<Submission, 'claim' | 'key' | 'today'>;

/** The claim that a correction names: by its id, by the id that a remittance gave to its decision (CLP07), by default its own. */
function namedKeyOf({ claims }: ClaimStores, { claim, key, today }: Asking): string {
  const named = claim.originalClaimId ?? claim.claimId;
  const byClaimId = bookKeyOf(key, claim.scope, named);
  if (claims.get(byClaimId, today)) return byClaimId;
  const byDecision = claims.keyOfDecision(named, today);
  // A partition has many policies; what is told to one is no business of another.
  return byDecision?.startsWith(`${key}|`) === true ? byDecision : byClaimId;
}

/** What stands now in the place of a claim. Whatever took a place stood when it did, so the way comes to an end. */
function followedFrom(
  { claims }: ClaimStores,
  first: string,
  today: number,
): { readonly key: string; readonly claim: KnownClaim | undefined } {
  let key = first;
  let claim = claims.get(key, today);
  while (claim !== undefined && claim.instead !== '') {
    key = claim.instead;
    claim = claims.get(key, today);
  }
  return { key, claim };
}

/** Where that stands which a correction means. */
export const meantKeyOf = (stores: ClaimStores, asking: Asking): string =>
  followedFrom(stores, namedKeyOf(stores, asking), asking.today).key;

/** Where that stands which took the place of what had the claim's own id; empty = nothing does. */
export function standingKeyOf(stores: ClaimStores, { ownKey, today }: Pick<Submission, 'ownKey' | 'today'>): string {
  const { key, claim } = followedFrom(stores, ownKey, today);
  return claim?.status === 'decided' ? key : '';
}

const isWaiting = ({ status, waiting }: KnownClaim, { claim }: Asking): boolean => status === 'waiting' && waiting !== claim.submissionId;

/** The correction that waits there; undefined = something else stands or waits. */
function waitingCorrection({ pended }: ClaimStores, known: KnownClaim | undefined, asking: Asking): ClaimSubmitted | undefined {
  const waits = known && isWaiting(known, asking) ? pended.get(known.waiting)?.claim : undefined;
  return waits?.frequency === 'original' ? undefined : waits;
}

/** A replacement of a correction that waits takes the place of what that one wanted to correct. */
function findReplaced(stores: ClaimStores, submission: Submission, first: ReturnType<typeof followedFrom>) {
  const onTheWay: WaitingClaim[] = [];
  let at = first;
  for (;;) {
    const waits = submission.claim.frequency === 'replacement' ? waitingCorrection(stores, at.claim, submission) : undefined;
    if (!waits || !at.claim) return { at, onTheWay };
    const next = followedFrom(stores, namedKeyOf(stores, { ...submission, claim: waits }), submission.today);
    const leadsOn = next.claim !== undefined && (next.claim.status === 'decided' || isWaiting(next.claim, submission));
    if (!leadsOn && next.claim?.status !== 'waiting') return { at, onTheWay, beyond: next };
    if (!leadsOn || next.key === at.key || onTheWay.some(({ key }) => key === next.key)) return { at, onTheWay };
    onTheWay.push({ key: at.key, claim: at.claim });
    at = next;
  }
}

/** An original leaves a correction alone that came before it and waits for it. */
const isForCorrection = ({ pended }: ClaimStores, { status, waiting }: KnownClaim): boolean =>
  status === 'waiting' && pended.get(waiting)?.claim.frequency !== 'original';

/** That a correction does not say what it corrects was told when it was read. */
const namesNothing = ({ problems }: ClaimSubmitted): boolean => problems.some(({ code }) => code === 'ORIGINAL_CLAIM_MISSING');

function findReleasedPlace(stores: ClaimStores, { ownKey, today, claim }: Submission): Original {
  const { key, claim: known } = followedFrom(stores, ownKey, today);
  if (!known || known.status === 'reversed' || known.status === 'refused' || known.waiting === claim.submissionId) return { kind: 'none' };
  return isForCorrection(stores, known) ? { kind: 'none' } : { kind: 'standing', key, claim: known, onTheWay: [] };
}

/**
 * A replacement or void takes the place of what stands for the claim that it names, else of the one with its own id. A claim
 * with the id of another (suspected tampering) does so when a person released it.
 */
export function findOriginal({ stores }: Desk, submission: Submission): Original {
  const { claim, today } = submission;
  if (claim.frequency === 'original') return isReleased(submission) ? findReleasedPlace(stores, submission) : { kind: 'none' };
  if (namesNothing(claim)) return { kind: 'none' };
  const found = findReplaced(stores, submission, followedFrom(stores, namedKeyOf(stores, submission), today));
  const { key, claim: known } = found.at;
  if (known?.status === 'reversed') return { kind: 'reversed', key, claim: known };
  if (known?.status === 'decided' || (known && isWaiting(known, submission)))
    return { kind: 'standing', key, claim: known, onTheWay: found.onTheWay, ...(found.beyond && { beyond: found.beyond }) };
  return { kind: 'unknown', key, claim: known };
}

/**
 * Where a submission stands once it is decided: under its id, but for a correction with the id of a claim that it does not take
 * the place of. That one stands beside it, and is found by the claim that it corrected and by its decision.
 */
export function placeFor({ stores }: Desk, submission: Submission, original: Original): string {
  const { claim, ownKey, today } = submission;
  const there = claim.frequency === 'original' || original.kind === 'none' ? undefined : stores.claims.get(ownKey, today);
  if (!there || !(there.status === 'decided' || isWaiting(there, submission))) return ownKey;
  const isTakenOver = original.kind === 'standing' && [original, ...original.onTheWay].some(({ key }) => key === ownKey);
  return isTakenOver ? ownKey : `${ownKey}|${claim.submissionId}`;
}
