import { loadKeys } from '@vigil/runtime';
import { stackEnv } from '@vigil/stack';
import type { PatientOf } from './cycle-rows.ts';
import { revealPatients } from './reveal-patients.ts';
import { withDecisions } from './with-decisions.ts';

/** Names of some patients, by a role of its own. The caller has recorded who sees them and why. */
export async function namesFor(patientTokens: ReadonlySet<string>): Promise<PatientOf> {
  const { data } = loadKeys(process.env['VIGIL_KEYS_FILE'] ?? stackEnv().keysFile);
  return withDecisions('vigil_identity_reader', (pool) => revealPatients(pool, data, patientTokens));
}
