import { mostClaimCents } from '@vigil/contracts';

/** A record or a part of one, as it comes. */
type Fields = Readonly<Record<string, unknown>>;

/** 9,999 units: more of a service on one line makes no sense, and five digits may be a day or a ZIP code. */
const mostUnitsThousandths = 9_999_000;

const amountFields = ['chargeCents', 'allowedCents', 'paidCents', 'patientCents', 'cents'] as const;
const bounded: ReadonlySet<string> = new Set([...amountFields, 'unitsThousandths']);
/** Findings after which an amount is what somebody typed, not what something costs. */
const amountCodes: ReadonlySet<unknown> = new Set(['AMOUNT_RANGE', 'BAD_AMOUNT', 'EMPTY_LINE']);

/** Fields whose numbers leave only where they are plausible. */
export const isClaimNumber = (field: string): boolean => bounded.has(field);

const listOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? (value as readonly Fields[]) : []);

function hasFinding(source: Fields): boolean {
  const reasons = [source, ...listOf(source['lines'])].flatMap((of) => [...listOf(of['reasons']), ...listOf(of['claimReasons'])]);
  return reasons.some(({ rule }) => amountCodes.has(rule)) || listOf(source['pendReasons']).some(({ code }) => amountCodes.has(code));
}

/** A charge has the sign of its kind: a decision charges, a reversal takes back. */
const isCharge = (cents: unknown, isReversal: boolean): boolean => (isReversal ? Number(cents) <= 0 : Number(cents) >= 0);

/**
 * Whether the amounts of a claim may leave: all of them or none, because a withheld one could be told from the others and
 * the sum.
 */
export function areAmountsPlausible(source: Fields): boolean {
  if (hasFinding(source)) return false;
  const lines = listOf(source['lines']);
  const isReversal = source['kind'] === 'reversal';
  const charged = [source, ...lines];
  const all = [...charged, ...lines.flatMap((line) => listOf(line['adjustments']))];
  return (
    charged.every(({ chargeCents }) => isCharge(chargeCents, isReversal)) &&
    all.every((of) => amountFields.every((field) => Math.abs((of[field] as number | undefined) ?? 0) <= mostClaimCents))
  );
}

/** The number of such a field as it leaves; null = withheld. */
export function keptNumber(field: string, value: number, amountsLeave: boolean): number | null {
  if (field !== 'unitsThousandths') return amountsLeave ? value : null;
  return value >= 0 && value <= mostUnitsThousandths ? value : null;
}
