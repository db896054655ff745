import { topics } from '@vigil/contracts';
import { defineTopology, sink, source, type Topology } from '@vigil/kafka';
import { adjudicateClaim, adjudicateVoid } from './domain/adjudicate-claim.ts';
import { parametersTables, type ChangingWorkflow } from './claims-parameters.ts';
import type { AdjudicationSettings } from './domain/adjudication-settings.ts';
import { handleReview } from './handlers/handle-review.ts';
import { handleSubmitted } from './handlers/handle-submitted.ts';
import { deskOpener } from './handlers/open-desk.ts';
import { rememberMember } from './handlers/remember-member.ts';
import { createSettingsInForce } from './handlers/settings-in-force.ts';
import { subStages } from './handlers/sub-stages.ts';
import { referenceTables } from './reference/reference-tables.ts';
import { claimStores } from './state/claim-stores.ts';

/**
 * Claims become decisions. Claims, members and reviews are keyed by policy and handled by one task, so everything that is
 * counted for a policy has one writer.
 */
export function createAdjudicateTopology(settings: AdjudicationSettings, changing?: ChangingWorkflow): Topology {
  const { requiredFields, leastCents: least, mostCents: most } = settings;
  const settingsOf = createSettingsInForce(settings);
  const openDesk = deskOpener((stores) => ({
    adjudicate: (claim, world) => adjudicateClaim(claim, world, settingsOf(stores)),
    adjudicateVoid: (claim, world) => adjudicateVoid(claim, world, settingsOf(stores)),
  }));
  // Handlers ask for a table that may not be there.
  const parameters = parametersTables({ requiredFields, amountCents: { least, most } }, changing);
  const tables: typeof referenceTables = { ...referenceTables, ...parameters };
  return defineTopology({
    name: 'claims-validator-adjudicate',
    subStages,
    stores: claimStores,
    tables,
    sources: [
      source(topics.claimSubmitted, handleSubmitted(openDesk)),
      source(topics.reviewDecided, handleReview(openDesk)),
      source(topics.memberChanged, rememberMember),
    ],
    sinks: [sink(topics.claimAdjudicated), sink(topics.reviewRequested)],
  });
}
