import { topics, type ClaimAdjudicated } from '@vigil/contracts';
import { systemClock } from '@vigil/core';
import { loadKeys } from '@vigil/runtime';
import { stackEnv } from '@vigil/stack';
import { openRegistry } from '../connect/open-registry.ts';
import { withKafka } from '../connect/with-kafka.ts';
import { auditAccess } from '../dlq/audit-access.ts';
import type { Reveal } from './export-request.ts';
import { tokenPatient, type PatientOf } from './remittance-cycles.ts';
import { revealPatients } from './reveal-patients.ts';
import { withDecisions } from './with-decisions.ts';

/**
 * Names of the patients of some decisions, after it was recorded who sees them and why: what cannot be recorded is not
 * shown. Without a reason tokens stay in their place.
 */
export async function namesFor(decisions: readonly ClaimAdjudicated[], reveal: Reveal | null): Promise<PatientOf> {
  if (reveal === null) return tokenPatient;
  const { data } = loadKeys(process.env['VIGIL_KEYS_FILE'] ?? stackEnv().keysFile);
  const { name: entity } = topics.claimAdjudicated;
  const access = { type: 'claims', subtype: 'export', action: 'R', entityType: 'topic', entity, records: decisions.length, ...reveal } as const; // prettier-ignore
  await withKafka((client) => auditAccess(access, { client, registry: openRegistry(), clock: systemClock }));
  return withDecisions((pool) => revealPatients(pool, data, decisions), 'vigil_identity_reader');
}
