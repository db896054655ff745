import { randomBytes } from 'node:crypto';
import type { ParsedClaim } from '@vigil/claim-formats';
import { topics } from '@vigil/contracts';
import { drive, type DriverOptions } from '@vigil/testing';
import type { IntakeRules, ReadClaim } from '../src/handlers/handle-received-claim.ts';
import { createIntakeTopology } from '../src/intake-topology.ts';

export const tokenKey = { id: 't1', secret: Buffer.alloc(32, 1) };
export const dataKey = { id: 'd1', secret: Buffer.alloc(32, 2) };

/** Bytes that hold a claim as its reader gives it; `bytes` that do not are no claim. */
const readPrepared: ReadClaim = (value) => {
  if (!Buffer.isBuffer(value)) return { ok: false, code: 'BAD_SHAPE' };
  try {
    return { ok: true, claim: JSON.parse(value.toString('utf8')) as ParsedClaim };
  } catch {
    return { ok: false, code: 'NOT_JSON' };
  }
};

export const intakeRules = (change: Partial<IntakeRules> = {}): IntakeRules => ({
  tokenKey,
  dataKey,
  random: (size) => randomBytes(size),
  workflow: { requiredFields: ['claim_id', 'patient_id', 'service_date'], amountCents: { least: 0, most: 5_000_000 } },
  readClaim: readPrepared,
  observer: { submitted: () => undefined },
  ...change,
});

/** Intake on the engine itself, fed with prepared claims under the key that the splitter gives them. */
export function driveIntake(options: DriverOptions & { readonly rules?: Partial<IntakeRules> } = {}) {
  const { rules, ...driverOptions } = options;
  const driver = drive(createIntakeTopology(intakeRules(rules)), driverOptions);
  return {
    driver,
    submit: (...claims: readonly ParsedClaim[]) =>
      driver.pipe(topics.claimReceived, ...claims.map((claim) => ({ key: claim.claimId, value: JSON.stringify(claim) }))),
    submitted: () => driver.read(topics.claimSubmitted),
    identities: () => driver.records(topics.identityObserved),
    /** Dispositions so far, added up over the ledger. */
    counts: () =>
      driver.ledger().reduce(
        (sum, { processed, duplicate, rejected }) => ({
          processed: sum.processed + processed,
          duplicate: sum.duplicate + duplicate,
          rejected: sum.rejected + rejected,
        }),
        { processed: 0, duplicate: 0, rejected: 0 },
      ),
  };
}
