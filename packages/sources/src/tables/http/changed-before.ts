const timePattern = /^\d{4}-\d\d-\d\d(?:([T ])\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:?\d\d)?)?$/;
/** Seconds and milliseconds since 1970 of the years 2001 to 2286; a number outside of both counts something else. */
const [leastSeconds, leastMs] = [1e9, 1e12];
const spanOf10 = 10;

function numberBefore(at: number, overlapMs: number): number {
  if (at >= leastMs && at < leastMs * spanOf10) return at - overlapMs;
  if (at >= leastSeconds && at < leastSeconds * spanOf10) return at - Math.ceil(overlapMs / 1_000);
  return at;
}

/**
 * The moment that lies so far before another, written as the source writes it (days, seconds or fractions, space or T, zone
 * or none), so that its parameter takes it. Rounded down. What is neither a time nor a number of one stays as it is: there is
 * no telling what lies before it.
 */
export function changedBefore(text: string, overlapMs: number): string {
  if (text !== '' && !Number.isNaN(Number(text))) return String(numberBefore(Number(text), overlapMs));
  const [, between = '', seconds, fraction, zone = ''] = timePattern.exec(text) ?? [];
  const isDay = between === '';
  // Without a zone it is the source's own: the difference is the same in any.
  const ms = Date.parse(isDay || zone !== '' ? text.replace(' ', 'T') : `${text.replace(' ', 'T')}Z`);
  if (!timePattern.test(text) || Number.isNaN(ms)) return text;
  const iso = new Date(ms - overlapMs).toISOString();
  if (isDay) return iso.slice(0, 10);
  const time = iso.slice(11, fraction === undefined ? (seconds === undefined ? 16 : 19) : 23);
  return `${iso.slice(0, 10)}${between}${time}${zone === '' ? '' : 'Z'}`;
}
