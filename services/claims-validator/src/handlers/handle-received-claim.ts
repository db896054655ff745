import type { ParsedClaim } from '@vigil/claim-formats';
import { identityKeyOf, sealIdentity, topics, type ClaimReceived, type Sealing, type ToldIdentity } from '@vigil/contracts';
import {
  duplicate,
  emit,
  eventIdOf,
  hashId,
  processed,
  rejected,
  tokenOf,
  type Emission,
  type ErrorCode,
  type NamedKey,
  type Outcome,
} from '@vigil/core';
import type { Handler } from '@vigil/kafka';
import { canonicalText } from '../domain/intake/canonical-text.ts';
import { claimTokenMaker } from '../domain/intake/claim-tokens.ts';
import { bytesHashOf } from '../domain/intake/bytes-hash.ts';
import { contentHashOf } from '../domain/intake/content-hash.ts';
import { recogniseClaim, rememberContent } from '../domain/intake/recognise-claim.ts';
import { submittedClaimOf } from '../domain/intake/submitted-claim.ts';
import { toldIdentityOf } from '../domain/intake/told-identity.ts';
import { problemsOf, type WorkflowRules } from '../domain/intake/workflow-problems.ts';
import type { IntakeStores } from '../state/intake-stores.ts';
import type { IntakeObserver } from './intake-observer.ts';

/** Reads a claim of any format. */
export type ReadClaim = (
  value: ClaimReceived | Buffer,
) => { readonly ok: true; readonly claim: ParsedClaim } | { readonly ok: false; readonly code: ErrorCode };

export interface IntakeRules extends Sealing {
  readonly tokenKey: NamedKey;
  readonly workflow: WorkflowRules;
  readonly readClaim: ReadClaim;
  readonly observer: IntakeObserver;
}

interface Observed {
  readonly claim: ParsedClaim;
  readonly patientToken: string;
  readonly observedAt: number;
}

/** What the claim tells of its patient, sealed, unless the same was told before. */
function identityEmissions({ claim, patientToken, observedAt }: Observed, stores: IntakeStores, rules: IntakeRules): Emission[] {
  if (claim.patient.id === '') return [];
  const told: ToldIdentity = { patientToken, source: 'claims', identity: toldIdentityOf(claim.patient), observedAt };
  const key = identityKeyOf(told);
  // An identifier alone is what the token, and so the key, is made of.
  const digest = Object.keys(told.identity).length === 1 ? 'told' : tokenOf(rules.tokenKey, 'claim-identity', canonicalText(told.identity));
  if (stores.identities.get(key)?.digest === digest) return [];
  stores.identities.put(key, { digest });
  return [emit(topics.identityObserved, key, sealIdentity(told, rules))];
}

/**
 * One received claim: read, recognised by its id wherever its policy says it belongs, held against the workflow's rules,
 * identity replaced by tokens. All that comes under one claim id lies on one partition, so one store sees it.
 */
export function handleReceivedClaim(rules: IntakeRules): Handler<ClaimReceived | Buffer, IntakeStores> {
  const { tokenKey, workflow, readClaim, observer } = rules;
  const tokensOf = claimTokenMaker(tokenKey);
  return ({ value, origin }, { stores }): Outcome => {
    const read = readClaim(value);
    if (!read.ok) return rejected(read.code);
    const { claim } = read;
    if (claim.claimId === '') return rejected('MISSING_ID');

    const tokens = tokensOf(claim);
    const identity = hashId('claim', claim.scope, claim.claimId);
    const content = { contentHash: contentHashOf(claim, tokens, tokenKey), bytesHash: bytesHashOf(value), frequency: claim.frequency };
    const seen = stores.claims.get(identity);
    const recognition = recogniseClaim(seen, content);
    if (recognition === 'repeat') return duplicate;
    stores.claims.put(identity, rememberContent(seen, content));

    const submitted = submittedClaimOf({
      claim,
      tokens,
      contentHash: content.contentHash,
      submissionId: eventIdOf(origin),
      standing: recognition,
      problems: problemsOf(claim, stores.parameters?.workflow ?? workflow),
      receivedAt: origin.timestamp,
    });
    observer.submitted(submitted);
    const observed = { claim, patientToken: tokens.patientToken, observedAt: origin.timestamp };
    return processed([emit(topics.claimSubmitted, tokens.orderingKey, submitted), ...identityEmissions(observed, stores, rules)]);
  };
}
