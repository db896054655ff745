const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

function trimmed(body: Buffer, from: number, to: number): Buffer {
  let start = from;
  let end = to;
  while (start < end && isSpace(body[start])) start++;
  while (end > start && isSpace(body[end - 1])) end--;
  return body.subarray(start, end);
}

/** Where the value that starts at `from` ends: at a comma or closing bracket of the array that holds it. */
function endOfItem(body: Buffer, from: number): number {
  let depth = 0;
  let inString = false;
  for (let at = from; at < body.length; at++) {
    const byte = body[at];
    if (inString) {
      if (byte === 0x5c) at++;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x7b || byte === 0x5b) depth++;
    else if (depth === 0 && (byte === 0x2c || byte === 0x5d)) return at;
    else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return body.length;
}

/** The items of a JSON array as the bytes they came in; null where the brackets do not fit. */
function itemsOfArray(body: Buffer, most: number): Buffer[] | null {
  const items: Buffer[] = [];
  for (let from = 1; ;) {
    if (items.length > most) return items;
    const end = endOfItem(body, from);
    const item = trimmed(body, from, end);
    const closes = body[end] === 0x5d;
    if (end === body.length || (closes && end !== body.length - 1)) return null;
    if (closes && items.length === 0 && item.length === 0) return items;
    items.push(item);
    if (closes) return items;
    from = end + 1;
  }
}

/**
 * The lines of NDJSON that hold anything.
 * @param most  with more than so many the rest is left uncut: the caller refuses them all
 */
export function splitLines(body: Buffer, most = Infinity): Buffer[] {
  const lines: Buffer[] = [];
  for (let from = 0; from < body.length && lines.length <= most;) {
    const newline = body.indexOf(0x0a, from);
    const end = newline === -1 ? body.length : newline;
    const line = trimmed(body, from, end);
    if (line.length > 0) lines.push(line);
    from = end + 1;
  }
  return lines;
}

/**
 * The items of a JSON body: those of an array, or the one value. Items are slices of the body, byte for byte what the sender
 * wrote; whether each is JSON is for the reader of the item to say. Between slices nothing is skipped but white space, so
 * the items are JSON exactly when the body is.
 *
 * @param most  with more than so many the rest is left uncut: the caller refuses them all
 * @returns null where the body begins as an array and does not end as one
 */
export function splitJson(body: Buffer, most = Infinity): Buffer[] | null {
  const value = trimmed(body, 0, body.length);
  if (value.length === 0) return [];
  return value[0] === 0x5b ? itemsOfArray(value, most) : [value];
}
