/** Three-digit prefixes whose areas hold 20,000 or fewer people. */
export type RestrictedZip3 = ReadonlySet<string>;

const zipCode = /^(\d{3})\d{2}(?:-?\d{4})?$/;

/**
 * The first three digits of a ZIP or ZIP+4 code; `000` where the area is too small.
 *
 * @returns null for what is no ZIP code: nothing of unknown text leaves
 * @see 45 CFR 164.514(b)(2)(i)(B)
 */
export function zip3Of(zip: string | null, restricted: RestrictedZip3): string | null {
  const prefix = zip === null ? undefined : zipCode.exec(zip)?.[1];
  if (prefix === undefined) return null;
  return restricted.has(prefix) ? '000' : prefix;
}
