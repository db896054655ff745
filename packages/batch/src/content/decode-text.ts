import { isUtf8 } from 'node:buffer';
import { VigilError } from '@vigil/core';

export const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'iso-8859-1', 'windows-1252'] as const;
export type Encoding = (typeof encodings)[number];

/** Turns chunks of a text into UTF-8; throws BAD_ENCODING with the line. */
interface Decoder {
  push(chunk: Buffer): Buffer;
  end(): Buffer;
}

const none = Buffer.alloc(0);
const newline = 0x0a;

const countLines = (bytes: Buffer): number => {
  let count = 0;
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) count++;
  return count;
};

const refuse = (encoding: Encoding, line: number): never => {
  throw new VigilError('BAD_ENCODING', { detail: `Line ${line} holds bytes that are not ${encoding}.` });
};

/** Where the last whole character ends: at most three bytes before the end a longer one begins. */
function endOfWhole(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** @param line  on which the bytes begin */
function refuseUtf8(bytes: Buffer, line: number): never {
  let at = 0;
  for (let current = line; ; current++) {
    const end = bytes.indexOf(newline, at);
    if (end < 0 || !isUtf8(bytes.subarray(at, end))) return refuse('utf-8', current);
    at = end + 1;
  }
}

function createUtf8Check(): Decoder {
  let carry: Buffer = none;
  let line = 1;
  return {
    push(chunk) {
      const bytes = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
      const end = endOfWhole(bytes);
      const whole = bytes.subarray(0, end);
      if (!isUtf8(whole)) refuseUtf8(whole, line);
      carry = bytes.subarray(end);
      line += countLines(whole);
      return whole;
    },
    end: () => (carry.length === 0 ? none : refuse('utf-8', line)),
  };
}

function createUtf16(encoding: 'utf-16le' | 'utf-16be'): Decoder {
  const strict = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  let line = 1;
  const decode = (chunk: Buffer, stream: boolean): Buffer => {
    try {
      const bytes = Buffer.from(strict.decode(chunk, { stream }), 'utf8');
      line += countLines(bytes);
      return bytes;
    } catch {
      const seen = new TextDecoder(encoding).decode(chunk);
      return refuse(encoding, line + seen.slice(0, Math.max(0, seen.indexOf('\ufffd'))).split('\n').length - 1);
    }
  };
  return { push: (chunk) => decode(chunk, true), end: () => decode(none, false) };
}

/** 0x80 to 0x9f of windows-1252; space = not assigned. @see https://encoding.spec.whatwg.org/index-windows-1252.txt */
const upper = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';

function createWindows1252(): Decoder {
  let line = 1;
  return {
    push(chunk) {
      const text = chunk.toString('latin1').replaceAll(/[\u0080-\u009f]/g, (found: string, at: number) => {
        const character = upper[found.charCodeAt(0) - 0x80] as string;
        return character === ' ' ? refuse('windows-1252', line + countLines(chunk.subarray(0, at))) : character;
      });
      line += countLines(chunk);
      return Buffer.from(text, 'utf8');
    },
    end: () => none,
  };
}

const creators: Readonly<Record<Encoding, () => Decoder>> = {
  'utf-8': createUtf8Check,
  'utf-16le': () => createUtf16('utf-16le'),
  'utf-16be': () => createUtf16('utf-16be'),
  'iso-8859-1': () => ({ push: (chunk) => Buffer.from(chunk.toString('latin1'), 'utf8'), end: () => none }),
  'windows-1252': createWindows1252,
};

const marks: readonly (readonly [Encoding, Buffer])[] = [
  ['utf-8', Buffer.of(0xef, 0xbb, 0xbf)],
  ['utf-16le', Buffer.of(0xff, 0xfe)],
  ['utf-16be', Buffer.of(0xfe, 0xff)],
];

/** By its byte-order mark, else by which bytes of ASCII in 16 bits are zero; null = nothing tells. */
export function detectEncoding(head: Buffer): Encoding | null {
  const marked = marks.find(([, mark]) => head.subarray(0, mark.length).equals(mark));
  if (marked) return marked[0];
  let [even, odd] = [0, 0];
  for (let at = 0; at + 1 < head.length; at += 2) {
    if (head[at] === 0) even++;
    if (head[at + 1] === 0) odd++;
  }
  const most = head.length / 2;
  if (odd > most * 0.4 && even < most * 0.1) return 'utf-16le';
  return even > most * 0.4 && odd < most * 0.1 ? 'utf-16be' : null;
}

const withoutMark = (first: Buffer, encoding: Encoding): Buffer => {
  const mark = marks.find(([marked]) => marked === encoding)?.[1];
  return mark !== undefined && first.subarray(0, mark.length).equals(mark) ? first.subarray(mark.length) : first;
};

/**
 * A text in UTF-8 without a byte-order mark, whatever it came in.
 *
 * @throws VigilError BAD_ENCODING with the line of the first byte that is not of the encoding
 */
export async function* decodeText(chunks: AsyncIterable<Buffer>, encoding: Encoding): AsyncGenerator<Buffer> {
  const decoder = creators[encoding]();
  let head: Buffer | null = none;
  for await (const chunk of chunks) {
    if (head === null) {
      yield decoder.push(chunk);
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < 3) continue;
    yield decoder.push(withoutMark(head, encoding));
    head = null;
  }
  if (head !== null) yield decoder.push(withoutMark(head, encoding));
  yield decoder.end();
}
