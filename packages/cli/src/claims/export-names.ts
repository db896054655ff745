import { topics } from '@vigil/contracts';
import { systemClock } from '@vigil/core';
import { loadKeys } from '@vigil/runtime';
import { stackEnv } from '@vigil/stack';
import { openRegistry } from '../connect/open-registry.ts';
import { withKafka } from '../connect/with-kafka.ts';
import { auditAccess } from '../dlq/audit-access.ts';
import type { Reveal } from './export-request.ts';
import type { PatientOf } from './cycle-rows.ts';
import { revealPatients } from './reveal-patients.ts';
import { withDecisions } from './with-decisions.ts';

/**
 * Names of some patients, after it was recorded who sees them and why: what cannot be recorded is not shown.
 *
 * @param of  how many records are exported, and for what reason
 */
export async function namesFor(
  patientTokens: ReadonlySet<string>,
  { records, reveal }: { readonly records: number; readonly reveal: Reveal },
): Promise<PatientOf> {
  const { data } = loadKeys(process.env['VIGIL_KEYS_FILE'] ?? stackEnv().keysFile);
  const { name: entity } = topics.claimAdjudicated;
  const access = { type: 'claims', subtype: 'export', action: 'R', entityType: 'topic', entity, records, ...reveal } as const;
  await withKafka((client) => auditAccess(access, { client, registry: openRegistry(), clock: systemClock }));
  return withDecisions((pool) => revealPatients(pool, data, patientTokens), 'vigil_identity_reader');
}
