import { scanMembers } from './scan-members.ts';

const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/** The message's time in milliseconds since the epoch; undefined where it has none that can be read. */
export function timestampOf(message: Buffer): number | undefined {
  const range = scanMembers(message, ['timestamp']).get('timestamp');
  const text = range && message.toString('utf8', range.start, range.end);
  const ms = text && rfc3339.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

/** The message with its timestamp moved and every other byte as it was; as it is where there is no time to move. */
export function shiftTimestamp(message: Buffer, byMs: number): Buffer {
  const range = scanMembers(message, ['timestamp']).get('timestamp');
  const ms = timestampOf(message);
  if (!range || ms === undefined) return message;
  const moved = new Date(ms + byMs);
  if (Number.isNaN(moved.getTime())) return message;
  return Buffer.concat([message.subarray(0, range.start), Buffer.from(moved.toISOString()), message.subarray(range.end)]);
}
