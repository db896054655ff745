/** The text of an element, from 1, of the segment that lies from `from` to before its terminator; empty = absent. */
export function elementAt(
  buffer: Buffer,
  [from, end]: readonly [from: number, end: number],
  at: { readonly position: number; readonly separator: number },
): string {
  let start = from;
  for (let position = 0; position < at.position; position++) {
    while (start < end && buffer[start] !== at.separator) start++;
    if (start >= end) return '';
    start++;
  }
  let stop = start;
  while (stop < end && buffer[stop] !== at.separator) stop++;
  return buffer.toString('latin1', start, stop);
}
