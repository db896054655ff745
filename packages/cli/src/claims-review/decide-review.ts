import { topics, type ReviewDecided } from '@vigil/contracts';
import { VigilError, type Clock } from '@vigil/core';
import { createValueEncoder, partitionOf, valueSubjectOf, type KafkaClient, type SchemaRegistry } from '@vigil/kafka';
import { auditAccess, type Access } from '../dlq/audit-access.ts';
import { identifyQueue } from '../dlq/walk-queue.ts';
import { needsSecondPerson, type Proposal, type Review, type Ruling } from './review.ts';
import type { ReviewStore } from './review-store.ts';

/** What work on the review queue needs. */
export interface ReviewWorld {
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  readonly store: ReviewStore;
  readonly clock: Clock;
  /** Charge above which a second person decides where the plan says nothing. */
  readonly secondPersonCents: number;
}

type ReviewAccess = Pick<Access, 'subtype' | 'action' | 'by' | 'reason'>;

/** Recorded before it takes effect, as every access of a person. */
const audit = (review: Review, access: ReviewAccess, world: ReviewWorld) =>
  auditAccess({ ...access, type: 'review', entityType: 'review', entity: review.reviewId, records: 1 }, world);

const decisionOf = ({ reviewId, submissionId, policyToken }: Review, proposal: Proposal): ReviewDecided => ({
  reviewId,
  submissionId,
  policyToken,
  decision: proposal.decision,
  group: proposal.group,
  carc: proposal.carc,
  rarc: [...proposal.rarc],
  person: proposal.proposedBy,
  secondPerson: proposal.confirmedBy,
  reason: proposal.reason,
  decidedAt: proposal.decidedAtMs as number,
});

/** Writes a decision under the key of its request, and resolves after the broker's acknowledgement. */
async function publish(review: Review, proposal: Proposal, { client, registry }: ReviewWorld): Promise<void> {
  const { name, schema } = topics.reviewDecided;
  const { partitions } = await identifyQueue(client, name);
  const key = Buffer.from(review.recordKey, 'utf8');
  const value = createValueEncoder(schema, await registry.idOf(valueSubjectOf(name), schema))(decisionOf(review, proposal));
  const producer = await client.openIdempotentProducer();
  try {
    await producer.send([{ topic: name, partition: partitionOf(key, partitions), key, value, headers: [], timestamp: null }]);
  } finally {
    await producer.close();
  }
}

/**
 * Publishes what is decided. Who was interrupted between decision and publication calls again: what is published then is the
 * same decision with the same time, and the adjudication takes the first of equal ones.
 */
async function publishDecided(review: Review, world: ReviewWorld): Promise<Review> {
  await publish(review, review.proposal as Proposal, world);
  await world.store.published(review);
  return world.store.find(review.reviewId);
}

const isInterrupted = ({ closed, proposal }: Review): boolean => closed === null && proposal?.state === 'decided';

/**
 * One person decides; above the limit of the plan it becomes a proposal that another person confirms.
 *
 * @throws VigilError REVIEW_NOT_OPEN where it is decided or proposed already
 */
export async function decideReview(
  id: string,
  { ruling, by }: { readonly ruling: Ruling; readonly by: string },
  world: ReviewWorld,
): Promise<Review> {
  const review = await world.store.find(id);
  if (isInterrupted(review) && review.proposal?.proposedBy === by) return publishDecided(review, world);
  if (review.closed === 'withdrawn') throw new VigilError('REVIEW_NOT_OPEN', { detail: 'A replacement or void took the claim’s place.' });
  if (review.closed || review.proposal) throw new VigilError('REVIEW_NOT_OPEN', { detail: 'Somebody proposed or decided before.' });
  const needsSecond = needsSecondPerson(review, world.secondPersonCents);
  await audit(review, { subtype: needsSecond ? 'propose' : 'decide', action: 'C', by, reason: ruling.reason }, world);
  const proposed = await world.store.propose(review, { ruling, needsSecond, by, nowMs: world.clock.now() });
  return needsSecond ? proposed : publishDecided(proposed, world);
}

/**
 * Another person confirms what was proposed, and it is published.
 *
 * @throws VigilError SECOND_PERSON_NEEDED, REVIEW_NOT_OPEN
 */
export async function confirmReview(id: string, by: string, world: ReviewWorld): Promise<Review> {
  const review = await world.store.find(id);
  if (isInterrupted(review)) return publishDecided(review, world);
  if (review.proposal?.proposedBy === by) throw new VigilError('SECOND_PERSON_NEEDED');
  if (review.closed || review.proposal?.state !== 'proposed') throw new VigilError('REVIEW_NOT_OPEN', { detail: 'Nothing is proposed.' });
  await audit(review, { subtype: 'confirm', action: 'U', by, reason: review.proposal.reason }, world);
  return publishDecided(await world.store.confirm(review, by, world.clock.now()), world);
}

/** A proposal is refused or taken back; the review is open again. @throws VigilError REVIEW_NOT_OPEN */
export async function declineReview(
  id: string,
  { by, reason }: { readonly by: string; readonly reason: string },
  world: ReviewWorld,
): Promise<Review> {
  const review = await world.store.find(id);
  if (review.proposal?.state !== 'proposed') throw new VigilError('REVIEW_NOT_OPEN', { detail: 'Nothing is proposed.' });
  await audit(review, { subtype: 'decline', action: 'U', by, reason }, world);
  await world.store.decline(review);
  return world.store.find(id);
}

/** A review with the claim's identifier in the clear, once the look is recorded. */
export async function revealReview(
  id: string,
  { by, reason }: { readonly by: string; readonly reason: string },
  world: ReviewWorld,
): Promise<Review> {
  const review = await world.store.find(id);
  await audit(review, { subtype: 'reveal', action: 'R', by, reason }, world);
  return review;
}
