import { topics, type BatchProgressed } from '@vigil/contracts';

/** What a load of claims must have come to. */
export interface ExpectedClaims {
  readonly claims: number;
  /** Claims that correct an earlier one: each writes one decision more, in negative amounts. */
  readonly corrections: number;
}

/** Below it the load was not one of claims that are paid, whatever its rate. */
const leastPaid = 0.95;

type Count = 'consumed' | 'processed' | 'late' | 'duplicate' | 'rejected' | 'suppressed';

/**
 * Holds the ledger of adjudication against what was sent.
 *
 * @param rows  all of the stage, each once
 * @throws that a figure would not count, and why
 */
export function checkClaimsLedger(rows: readonly BatchProgressed[], { claims, corrections }: ExpectedClaims): void {
  const own = rows.filter(({ topic }) => topic === topics.claimSubmitted.name);
  const whole = own.filter(({ subStage }) => subStage === '');
  const sum = (field: Count, of: readonly BatchProgressed[] = whole): number => of.reduce((total, row) => total + row[field], 0);
  const decisions = whole.reduce((total, { outputs }) => total + (outputs[topics.claimAdjudicated.name] ?? 0), 0);
  const paid = sum(
    'processed',
    own.filter(({ subStage }) => subStage === 'adjudicate'),
  );
  const problems = [
    [sum('consumed'), claims, 'claims were consumed'],
    [sum('processed'), claims, 'were processed'],
    [decisions, claims + corrections, 'decisions were written'],
  ].flatMap(([found, wanted, what]) => (found === wanted ? [] : [`${found} of ${wanted} ${what}`]));
  if (paid < claims * leastPaid) problems.push(`only ${paid} of ${claims} were paid`);
  if (problems.length > 0) throw new Error(`${problems.join('; ')}: the figures would not count.`);
}
