import { topics } from '@vigil/contracts';
import { defineTopology, rawSource, sink } from '@vigil/kafka';
import { handleReceivedClaim, type IntakeRules } from './handlers/handle-received-claim.ts';
import { seenClaimsStore, seenIdentitiesStore } from './state/intake-stores.ts';

/** The first stage of a claim: it is read and recognised, and identity leaves the stream. */
export const createIntakeTopology = (rules: IntakeRules) =>
  defineTopology({
    name: 'claims-validator-intake',
    stores: { claims: seenClaimsStore, identities: seenIdentitiesStore },
    sources: [rawSource(topics.claimReceived, handleReceivedClaim(rules))],
    sinks: [sink(topics.claimSubmitted, 'key'), sink(topics.identityObserved, 'key')],
  });
