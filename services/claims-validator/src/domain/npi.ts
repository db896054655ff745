/** 80840, the prefix that makes an NPI a card number, adds this to the sum of the digits. */
const sumOfPrefix = 24;

/**
 * Whether a National Provider Identifier has its ten digits, an allowed first one and the right check digit.
 *
 * @param firstDigits  `12` for real ones; CMS's synthetic data begins with 8 or 9
 * @see CMS, Requirements for National Provider Identifier and NPI Check Digit: Luhn over 80840 and the number
 */
export function isNpi(text: string, firstDigits: string): boolean {
  if (text.length !== 10 || !firstDigits.includes(text.charAt(0))) return false;
  let sum = sumOfPrefix;
  for (let at = 0; at < 10; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return false;
    // Every other digit is doubled, beginning with the one before the check digit.
    const weighed = at % 2 === 0 ? digit * 2 : digit;
    sum += weighed > 9 ? weighed - 9 : weighed;
  }
  return sum % 10 === 0;
}
