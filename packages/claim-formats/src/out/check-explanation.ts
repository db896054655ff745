import type { Adjudication, ExplanationOfBenefit } from './explanation.ts';
import { centsOfMoney, type AmountCategory } from './fhir-terms.ts';

type Amounts = ReadonlyMap<string, number>;

const amountsIn = (adjudications: readonly Adjudication[]): Amounts =>
  new Map(
    adjudications.flatMap(({ category, amount }) => (amount === undefined ? [] : [[category.coding[0]?.code ?? '', centsOfMoney(amount)]])),
  );

const parts: readonly AmountCategory[] = ['benefit', 'deductible', 'coinsurance', 'copay', 'discount', 'priorpayerpaid', 'noncovered'];

const holds = (amounts: Amounts): boolean => amounts.get('submitted') === parts.reduce((sum, part) => sum + (amounts.get(part) ?? 0), 0);

/**
 * What does not add up: of each item submitted = benefit + deductible + coinsurance + copay + discount + priorpayerpaid +
 * noncovered, and each total is the sum over the items. A queued explanation tells only what was submitted.
 *
 * @returns sentences with places, no identifiers; empty = balanced
 */
export function checkExplanation({ outcome, item, total }: ExplanationOfBenefit): readonly string[] {
  const problems: string[] = [];
  const sums = new Map<string, number>();
  for (const { sequence, adjudication } of item) {
    const amounts = amountsIn(adjudication);
    for (const [category, cents] of amounts) sums.set(category, (sums.get(category) ?? 0) + cents);
    if (outcome === 'complete' && !holds(amounts)) problems.push(`Item ${sequence} does not add up to what was submitted`);
  }
  const totals = amountsIn(total);
  for (const [category, cents] of sums)
    if (totals.get(category) !== cents) problems.push(`The total of ${category} is not that of the items`);
  return problems;
}
