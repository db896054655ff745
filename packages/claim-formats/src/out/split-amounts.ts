import type { RemittanceAdjustment } from './remittance.ts';

/** Where the charge of a line went: every adjustment is in exactly one part, and charge = benefit + all parts. */
export interface AmountParts {
  /** PR-1. */
  readonly deductible: number;
  /** PR-2. */
  readonly coinsurance: number;
  /** PR-3. */
  readonly copay: number;
  /** CO-45: the charge above the fee schedule. */
  readonly discount: number;
  /** OA-23: what payers before this one did. */
  readonly priorpayerpaid: number;
  /** Everything else, whoever owes it. */
  readonly noncovered: number;
}

type Part = keyof AmountParts;

const partOfReason: Readonly<Record<string, Part>> = {
  'PR-1': 'deductible',
  'PR-2': 'coinsurance',
  'PR-3': 'copay',
  'CO-45': 'discount',
  'OA-23': 'priorpayerpaid',
};

/** The part that an adjustment belongs to. */
export const partOf = ({ group, carc }: Pick<RemittanceAdjustment, 'group' | 'carc'>): Part =>
  partOfReason[`${group}-${carc}`] ?? 'noncovered';

/** Splits adjustments into the C4BB amounts. Cents. */
export function splitAmounts(adjustments: readonly RemittanceAdjustment[]): AmountParts {
  const parts: Record<Part, number> = { deductible: 0, coinsurance: 0, copay: 0, discount: 0, priorpayerpaid: 0, noncovered: 0 };
  for (const adjustment of adjustments) parts[partOf(adjustment)] += adjustment.cents;
  return parts;
}
