/** Ranges of codes by what they are, as the code sets are ordered. Names of categories, never descriptors of codes. */
const categories: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  ambulance: [['A0021', 'A0999']],
  anesthesia: [['00100', '01999']],
  dme: [
    ['E0100', 'E8002'],
    ['K0001', 'K1999'],
  ],
  drug: [
    ['J0000', 'J9999'],
    ['Q0000', 'Q9999'],
    ['0250', '0259'],
    ['0630', '0639'],
  ],
  emergency: [
    ['99281', '99288'],
    ['0450', '0459'],
  ],
  laboratory: [
    ['80047', '89398'],
    ['0300', '0319'],
  ],
  'office-visit': [
    ['99202', '99215'],
    ['0510', '0529'],
  ],
  preventive: [
    ['99381', '99429'],
    ['G0438', 'G0439'],
  ],
  radiology: [
    ['70010', '79999'],
    ['0320', '0359'],
    ['0400', '0409'],
    ['0610', '0619'],
  ],
  'room-and-board': [['0100', '0219']],
  surgery: [
    ['10004', '69990'],
    ['0360', '0369'],
  ],
};

export const serviceCategories: readonly string[] = Object.keys(categories);

const within = (code: string, [first, last]: readonly [string, string]): boolean =>
  code.length === first.length && code >= first && code <= last;

/**
 * Whether a service of a plan's benefit means a code: the code itself, a range (`99202-99215`), a category, or `*`.
 *
 * @param code  HCPCS, CPT or revenue code
 */
export function meansCode(service: string, code: string): boolean {
  if (service === '*') return true;
  if (code === '') return false;
  if (service === code) return true;
  const ranges = categories[service];
  if (ranges !== undefined) return ranges.some((range) => within(code, range));
  const [first, last] = service.split('-');
  return first !== undefined && last !== undefined && within(code, [first, last]);
}
