/** What becomes of a fraction of a cent. `half-up` is what fee schedules and benefit systems use; `down` favours whoever owes the amount. */
export type Rounding = 'half-up' | 'half-even' | 'down';

const largestExact = BigInt(Number.MAX_SAFE_INTEGER);

function roundedBig(dividend: bigint, divisor: bigint, rounding: Rounding): bigint {
  const whole = dividend / divisor;
  const twice = (dividend % divisor) * 2n;
  if (rounding === 'down' || twice < divisor) return whole;
  if (twice > divisor || rounding === 'half-up') return whole + 1n;
  return whole % 2n === 0n ? whole : whole + 1n;
}

/**
 * amount × numerator ÷ denominator in whole cents, exactly: no float is ever rounded.
 *
 * @param of  non-negative integers, the denominator above 0; beyond 2^53 the result is held at the largest safe integer
 */
export function shareOf(amount: number, of: { readonly numerator: number; readonly denominator: number }, rounding: Rounding): number {
  const product = amount * of.numerator;
  if (!Number.isSafeInteger(product)) {
    const exact = roundedBig(BigInt(amount) * BigInt(of.numerator), BigInt(of.denominator), rounding);
    return Number(exact > largestExact ? largestExact : exact);
  }
  const rest = product % of.denominator;
  const whole = (product - rest) / of.denominator;
  const twice = rest * 2;
  if (rounding === 'down' || twice < of.denominator) return whole;
  if (twice > of.denominator || rounding === 'half-up') return whole + 1;
  return whole % 2 === 0 ? whole : whole + 1;
}

/**
 * Cuts an amount into parts in proportion to weights, to the cent: what the whole cents leave goes to the first parts.
 *
 * @returns one part per weight; their sum is the amount. Without any weight the first part has it all.
 */
export function spread(amount: number, weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const whole =
    total === 0 ? weights.map(() => 0) : weights.map((weight) => shareOf(amount, { numerator: weight, denominator: total }, 'down'));
  let left = amount - whole.reduce((sum, part) => sum + part, 0);
  return whole.map((part, index) => {
    const extra = total === 0 ? (index === 0 ? left : 0) : left > 0 && (weights[index] ?? 0) > 0 ? 1 : 0;
    left -= extra;
    return part + extra;
  });
}
