import type { ClaimAmounts, Remittance, RemittanceAdjustment, RemittedClaim, RemittedLine } from './remittance.ts';

/** An equation of the 835 that does not hold. */
export interface RemittanceProblem {
  readonly rule: 'service' | 'claim' | 'payment' | 'negative-payment' | 'reversal-sign' | 'no-claims';
  /** `TRN 1 / CLP 2 / SVC 3`: places, counted from 1; no identifier. */
  readonly where: string;
  readonly expectedCents: number;
  readonly actualCents: number;
}

const sumOf = (adjustments: readonly { readonly cents: number }[]): number => adjustments.reduce((sum, { cents }) => sum + cents, 0);
const patientPartOf = (adjustments: readonly RemittanceAdjustment[]): number => sumOf(adjustments.filter(({ group }) => group === 'PR'));

/** The parts of a claim that its lines and its own adjustments add up to. */
export function totalsOf({ adjustments, lines }: Pick<RemittedClaim, 'adjustments' | 'lines'>): {
  readonly adjustmentCents: number;
  readonly patientCents: number;
} {
  const all = [...adjustments, ...lines.flatMap((line) => line.adjustments)];
  return { adjustmentCents: sumOf(all), patientCents: patientPartOf(all) };
}

/** SVC02 − ΣCAS = SVC03. */
const serviceProblem = (line: RemittedLine, where: string): readonly RemittanceProblem[] => {
  const expectedCents = line.chargeCents - sumOf(line.adjustments);
  return expectedCents === line.paidCents ? [] : [{ rule: 'service', where, expectedCents, actualCents: line.paidCents }];
};

/** Whether amounts take back what they stand against: each of the other sign, or both nothing. */
const isOpposite = (claim: ClaimAmounts, original: ClaimAmounts): boolean =>
  Math.sign(claim.chargeCents) === -Math.sign(original.chargeCents) && Math.sign(claim.paidCents) === -Math.sign(original.paidCents);

/**
 * What is wrong with one claim of a payment.
 *
 * @param original  what a reversal takes back, where it is known; without it nothing can be said of its sign
 */
export function claimProblems(claim: RemittedClaim, where: string, original: ClaimAmounts | undefined): readonly RemittanceProblem[] {
  const problems: RemittanceProblem[] = [];
  const expect = (rule: RemittanceProblem['rule'], expectedCents: number, actualCents: number): void => {
    if (expectedCents !== actualCents) problems.push({ rule, where, expectedCents, actualCents });
  };
  // CLP03 − ΣCAS = CLP04, over the adjustments of the claim and of all its lines.
  expect('claim', claim.chargeCents - totalsOf(claim).adjustmentCents, claim.paidCents);
  // An institutional claim may be told without its lines: then they have nothing to add up to.
  if (claim.lines.length > 0) {
    expect('claim', sumOf(claim.lines.map(({ chargeCents: cents }) => ({ cents }))), claim.chargeCents);
    expect('claim', sumOf(claim.lines.map(({ paidCents: cents }) => ({ cents }))) - sumOf(claim.adjustments), claim.paidCents);
  }
  if (claim.status === 'reversal' && original && !isOpposite(claim, original)) {
    problems.push({ rule: 'reversal-sign', where, expectedCents: -original.chargeCents, actualCents: claim.chargeCents });
  }
  return [...problems, ...claim.lines.flatMap((line, index) => serviceProblem(line, `${where} / SVC ${index + 1}`))];
}

/**
 * Everything in which a payment does not balance, at the three levels of the implementation guide (005010X221A1, 1.10.2.1):
 * service, claim and payment, BPR02 = ΣCLP04 − ΣPLB. Empty = balanced.
 *
 * @param where  how the payment is called in the places of problems
 */
export function checkRemittance({ claims, providerAdjustments, paidCents }: Remittance, where = 'ST 1'): readonly RemittanceProblem[] {
  const standing = new Map(claims.flatMap((claim) => (claim.status === 'reversal' ? [] : [[claim.payerControl, claim]])));
  const problems = claims.flatMap((claim, index) =>
    claimProblems(claim, `${where} / CLP ${index + 1}`, claim.takesBack ?? standing.get(claim.payerControl)),
  );
  const expectedCents = sumOf(claims.map(({ paidCents: cents }) => ({ cents }))) - sumOf(providerAdjustments);
  if (expectedCents !== paidCents) problems.push({ rule: 'payment', where, expectedCents, actualCents: paidCents });
  if (paidCents < 0) problems.push({ rule: 'negative-payment', where, expectedCents: 0, actualCents: paidCents });
  if (claims.length === 0) problems.push({ rule: 'no-claims', where, expectedCents: 0, actualCents: 0 });
  return problems;
}
