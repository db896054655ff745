/** A decimal number exactly as it was written: `units` × 10^-`scale`. */
export interface Decimal {
  readonly units: bigint;
  readonly scale: number;
}

/** Longest text that is read as a number: beyond it nothing of use is said. */
const longest = 40;

/**
 * Reads `-12.50`, without exponent and without a double in between.
 * @returns null where the text is no plain decimal number
 */
export function parseDecimal(text: string): Decimal | null {
  if (text.length > longest || !/^-?(\d+\.?\d*|\.\d+)$/.test(text)) return null;
  const point = text.indexOf('.');
  if (point < 0) return { units: BigInt(text), scale: 0 };
  const fraction = text.slice(point + 1).replace(/0+$/, '');
  const whole = text.slice(0, point);
  return { units: BigInt(`${whole === '' || whole === '-' ? `${whole}0` : whole}${fraction}`), scale: fraction.length };
}

/** The number in steps of 10^-`scale`, where it is a whole number of them and safe to count with; else null. */
export function stepsOf({ units, scale }: Decimal, steps: number): number | null {
  if (scale > steps) return null;
  const exact = units * 10n ** BigInt(steps - scale);
  return exact <= BigInt(Number.MAX_SAFE_INTEGER) && exact >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(exact) : null;
}

/** Digits of which a double and the multiplication by 1000 stay exact. */
const plainDigits = 12;

/**
 * The number in steps of 10^-`steps`, for the short texts that nearly all numbers are.
 * @returns undefined where the text has to be looked at more closely
 */
function plainSteps(text: string, steps: number): number | undefined {
  if (text.length === 0 || text.length > plainDigits) return undefined;
  let value = 0;
  let decimals = -1;
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      if (decimals >= 0) decimals++;
    } else if (digit === -2 && decimals < 0 && at > 0) decimals = 0;
    else return undefined;
  }
  const missing = steps - Math.max(decimals, 0);
  return missing < 0 ? undefined : value * (powers[missing] as number);
}

const powers = [1, 10, 100, 1000];

/** Whole cents of an amount; null where it has more than two decimals, is no number or beyond what can be counted. */
export const centsOf = (text: string): number | null => {
  const plain = plainSteps(text, 2);
  if (plain !== undefined) return plain;
  const decimal = parseDecimal(text);
  return decimal === null ? null : stepsOf(decimal, 2);
};

/** Thousandths of a quantity; null where it has more than three decimals or is no number. */
export const thousandthsOf = (text: string): number | null => {
  const plain = plainSteps(text, 3);
  if (plain !== undefined) return plain;
  const decimal = parseDecimal(text);
  return decimal === null ? null : stepsOf(decimal, 3);
};

/**
 * Cents of `unitCents` for each of `thousandths` / 1000 units, exactly, half a cent away from zero.
 * @returns null beyond what can be counted
 */
export function timesUnits(unitCents: number, thousandths: number): number | null {
  const plain = unitCents * thousandths;
  if (Number.isSafeInteger(plain) && plain % 1000 === 0) return plain / 1000;
  const product = BigInt(unitCents) * BigInt(thousandths);
  const half = product < 0n ? -500n : 500n;
  const cents = (product + half) / 1000n;
  return cents <= BigInt(Number.MAX_SAFE_INTEGER) && cents >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(cents) : null;
}
