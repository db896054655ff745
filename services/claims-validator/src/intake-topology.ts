import { topics } from '@vigil/contracts';
import { defineTopology, rawSource, sink, type Topology } from '@vigil/kafka';
import { parametersTables, type ChangingWorkflow } from './claims-parameters.ts';
import { handleReceivedClaim, type IntakeRules } from './handlers/handle-received-claim.ts';
import { seenClaimsStore, seenIdentitiesStore } from './state/intake-stores.ts';

/** The first stage of a claim: it is read and recognised, and identity leaves the stream. */
export function createIntakeTopology(rules: IntakeRules, changing?: ChangingWorkflow): Topology {
  const tables = parametersTables(rules.workflow, changing);
  return defineTopology({
    name: 'claims-validator-intake',
    stores: { claims: seenClaimsStore, identities: seenIdentitiesStore },
    sources: [rawSource(topics.claimReceived, handleReceivedClaim(rules))],
    sinks: [sink(topics.claimSubmitted, 'key'), sink(topics.identityObserved, 'key')],
    ...(tables && { tables }),
  });
}
