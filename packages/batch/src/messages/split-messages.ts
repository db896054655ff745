import { createArraySplitter } from './split-array.ts';
import { createLineSplitter, createPieces, type CutMessage, type Splitter } from './split-lines.ts';

const newline = 0x0a;
const [openBrace, closeBrace, openBracket, quote] = [0x7b, 0x7d, 0x5b, 0x22];

function firstVisible(bytes: Buffer, from = 0): number {
  let at = from;
  while (at < bytes.length && (bytes[at] as number) <= 0x20) at++;
  return at;
}

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

const byteOrderMark = Buffer.of(0xef, 0xbb, 0xbf);

/** Without the mark that says of the file how it is encoded and belongs to no message; null = more has to be seen. */
function withoutMark(head: Buffer, ended: boolean): Buffer | null {
  const seen = head.subarray(0, byteOrderMark.length);
  if (!byteOrderMark.subarray(0, seen.length).equals(seen)) return head;
  if (seen.length === byteOrderMark.length) return head.subarray(seen.length);
  return ended ? head : null;
}

type Layout = 'lines' | 'array' | 'object';

/**
 * How the input is laid out, by its beginning: an array, one object over several lines (its first line is no JSON and
 * its second goes on with a member), or a message a line. Undefined = more has to be seen.
 */
function layoutOf(head: Buffer, ended: boolean): Layout | undefined {
  const first = firstVisible(head);
  if (first === head.length) return ended ? 'lines' : undefined;
  if (head[first] === openBracket) return 'array';
  if (head[first] !== openBrace) return 'lines';
  const lineEnd = head.indexOf(newline, first);
  // A sender that waits for an answer must not wait for its second line.
  if (lineEnd >= 0 && isJson(head.subarray(first, lineEnd))) return 'lines';
  const second = lineEnd < 0 ? head.length : firstVisible(head, lineEnd);
  if (second === head.length) return ended ? 'lines' : undefined;
  return head[second] === quote || head[second] === closeBrace ? 'object' : 'lines';
}

/** Whether a line after the first is a message of its own: then the input is lines, the first of which is malformed. */
const holdsWholeLine = (text: Buffer): boolean =>
  text.toString('utf8').split('\n').slice(1).some((line) => line.startsWith('{') && isJson(Buffer.from(line))); // prettier-ignore

/** The whole input as one message, where it is one; else lines. */
function createObjectSplitter(maxBytes: number): Splitter {
  const whole = createPieces(maxBytes);
  const lines = createLineSplitter(maxBytes);
  let mode: 'object' | 'lines' | 'too-large' = 'object';
  const overflow = (chunk: Buffer): CutMessage[] => {
    const head = whole.take() ?? Buffer.alloc(0);
    const seen = Buffer.concat([head, chunk]);
    mode = holdsWholeLine(seen) ? 'lines' : 'too-large';
    return mode === 'lines' ? lines.push(seen) : [{ bytes: null, place: 1, line: 1 }];
  };
  return {
    push(chunk) {
      if (mode === 'too-large') return [];
      if (mode === 'lines') return lines.push(chunk);
      if (whole.size() + chunk.length > maxBytes) return overflow(chunk);
      whole.add(chunk);
      return [];
    },
    end() {
      if (mode === 'too-large') return [];
      if (mode === 'lines') return lines.end();
      const bytes = whole.take() ?? Buffer.alloc(0);
      const text = bytes.subarray(firstVisible(bytes));
      return isJson(text)
        ? [{ bytes: trimEnd(text), place: 1, line: 1 + newlinesIn(bytes.subarray(0, firstVisible(bytes))) }]
        : [...lines.push(bytes), ...lines.end()];
    },
  };
}

function trimEnd(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] as number) <= 0x20) end--;
  return bytes.subarray(0, end);
}

const newlinesIn = (bytes: Buffer): number => bytes.toString('latin1').split('\n').length - 1;

/**
 * Cuts an input into messages, byte for byte: a message a line, the items of one JSON array, or one object over
 * several lines. What is no JSON is a message too: it is for the pipeline to refuse it.
 *
 * @param maxBytes  a message beyond this is told as too large and not held
 */
export function createMessageSplitter(maxBytes: number): Splitter {
  let head: Buffer = Buffer.alloc(0);
  let chosen: Splitter | undefined;
  const choose = (layout: Layout, text: Buffer): { splitter: Splitter; messages: CutMessage[] } => {
    if (layout !== 'array') {
      const splitter = layout === 'lines' ? createLineSplitter(maxBytes) : createObjectSplitter(maxBytes);
      return { splitter, messages: splitter.push(text) };
    }
    const begin = firstVisible(text);
    const splitter = createArraySplitter(maxBytes, 1 + newlinesIn(text.subarray(0, begin)));
    return { splitter, messages: splitter.push(text.subarray(begin)) };
  };
  return {
    push(chunk) {
      if (chosen) return chosen.push(chunk);
      head = Buffer.concat([head, chunk]);
      const text = withoutMark(head, false);
      const layout = text && layoutOf(text, head.length > maxBytes);
      if (!layout) return [];
      const { splitter, messages } = choose(layout, text);
      chosen = splitter;
      return messages;
    },
    end() {
      if (chosen) return chosen.end();
      const text = withoutMark(head, true) ?? head;
      const { splitter, messages } = choose(layoutOf(text, true) ?? 'lines', text);
      return [...messages, ...splitter.end()];
    },
  };
}
