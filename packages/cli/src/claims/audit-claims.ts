import { topics } from '@vigil/contracts';
import { systemClock } from '@vigil/core';
import { openRegistry } from '../connect/open-registry.ts';
import { withKafka } from '../connect/with-kafka.ts';
import { auditAccess } from '../dlq/audit-access.ts';

/** Who reads decisions about claims, and what for: kinds of filters, never their values. */
export interface ClaimsAccess {
  readonly by: string;
  readonly reason: string;
}

/**
 * Records that somebody is about to read decisions about claims: what cannot be recorded is not read.
 *
 * @throws VigilError KAFKA_AWAY, REGISTRY_AWAY, TOPIC_MISSING, SCHEMA_NOT_REGISTERED
 */
export async function auditClaims(subtype: 'export' | 'explain', records: number, { by, reason }: ClaimsAccess): Promise<void> {
  const { name: entity } = topics.claimAdjudicated;
  const access = { type: 'claims', subtype, action: 'R', entityType: 'topic', entity, records, by, reason } as const;
  await withKafka((client) => auditAccess(access, { client, registry: openRegistry(), clock: systemClock }));
}
