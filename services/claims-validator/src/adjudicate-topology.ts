import { topics } from '@vigil/contracts';
import { defineTopology, sink, source, type Topology } from '@vigil/kafka';
import { adjudicateClaim, adjudicateVoid } from './domain/adjudicate-claim.ts';
import type { AdjudicationSettings } from './domain/adjudication-settings.ts';
import { handleReview } from './handlers/handle-review.ts';
import { handleSubmitted } from './handlers/handle-submitted.ts';
import { deskOpener } from './handlers/open-desk.ts';
import { rememberMember } from './handlers/remember-member.ts';
import { subStages } from './handlers/sub-stages.ts';
import { referenceTables } from './reference/reference-tables.ts';
import { claimStores } from './state/claim-stores.ts';

/**
 * Claims become decisions. Claims, members and reviews are keyed by policy and handled by one task, so everything that is
 * counted for a policy has one writer.
 */
export function createAdjudicateTopology(settings: AdjudicationSettings): Topology {
  const openDesk = deskOpener({
    adjudicate: (claim, world) => adjudicateClaim(claim, world, settings),
    adjudicateVoid: (claim, world) => adjudicateVoid(claim, world, settings),
  });
  return defineTopology({
    name: 'claims-validator-adjudicate',
    subStages,
    stores: claimStores,
    tables: referenceTables,
    sources: [
      source(topics.claimSubmitted, handleSubmitted(openDesk)),
      source(topics.reviewDecided, handleReview(openDesk)),
      source(topics.memberChanged, rememberMember),
    ],
    sinks: [sink(topics.claimAdjudicated), sink(topics.reviewRequested)],
  });
}
