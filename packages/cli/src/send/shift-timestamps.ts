import { scanMembers } from '@vigil/batch';

/** What device-ingest reads as a timestamp; the digits beyond the millisecond stand apart. */
const rfc3339 = /^(\d{4}-\d{2}-\d{2})[Tt]([01]\d|2[0-3])(:\d{2}:\d{2})(?:\.(\d{1,3})(\d*))?([Zz]|[+-]\d{2}:\d{2})$/;

const dayMs = 86_400_000;

interface ReadTimestamp {
  /** Milliseconds since the epoch. */
  readonly ms: number;
  readonly finerDigits: string;
}

/** `Date.parse` takes 30 February for 1 March: such a message must stay as malformed as it is. */
const isCalendarDate = (date: string): boolean => {
  const parsed = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(date);
};

function readTimestamp(text: string): ReadTimestamp | undefined {
  const [, date = '', hour = '', rest = '', fraction = '', finerDigits = '', zone = ''] = rfc3339.exec(text) ?? [];
  if (!isCalendarDate(date)) return undefined;
  // A leap second is the last moment of its day in UTC, as device-ingest reads it; at any other time :60 is none.
  const leap = rest.endsWith(':60');
  const time = leap ? `${rest.slice(0, -2)}59.999` : `${rest}.${fraction.padEnd(3, '0')}`;
  const ms = Date.parse(`${date}T${hour}${time}${zone.toUpperCase()}`);
  if (Number.isNaN(ms) || (leap && (ms + 1) % dayMs !== 0)) return undefined;
  return { ms, finerDigits: leap ? '' : finerDigits };
}

function timestampIn(message: Buffer) {
  const range = scanMembers(message, ['timestamp']).get('timestamp');
  const read = range && readTimestamp(message.toString('utf8', range.start, range.end));
  return range && read && { range, ...read };
}

/** The message's time in milliseconds since the epoch; undefined where it has none that can be read. */
export const timestampOf = (message: Buffer): number | undefined => timestampIn(message)?.ms;

/** The message with its timestamp moved and every other byte as it was; as it is where there is no time to move. */
export function shiftTimestamp(message: Buffer, byMs: number): Buffer {
  const found = timestampIn(message);
  if (!found) return message;
  const { range, ms, finerDigits } = found;
  const moved = new Date(ms + byMs);
  if (Number.isNaN(moved.getTime())) return message;
  const text = moved.toISOString().replace('Z', `${finerDigits}Z`);
  return Buffer.concat([message.subarray(0, range.start), Buffer.from(text), message.subarray(range.end)]);
}
