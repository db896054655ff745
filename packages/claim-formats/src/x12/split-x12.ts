import type { ChunkReader } from '../split/chunk-reader.ts';
import { createRejection } from '../split/create-rejection.ts';
import { createMemoryHold, finding, maxClaimBytes, type Batches, type Hold, type Piece, type SplitOptions } from '../split/piece.ts';
import { cutInterchange } from './cut-interchange.ts';
import { inspectInterchange, type InterchangeVerdict } from './inspect-interchange.ts';
import { isaWindowBytes, readIsa, type Isa } from './isa.ts';
import { createSeenNumbers, type SeenNumbers } from './seen-numbers.ts';

const none = Buffer.alloc(0);
const isBlank = (byte: number | undefined): boolean => byte === 0x0a || byte === 0x0d || byte === 0x20 || byte === 0x09 || byte === 0;

/** Reads an interchange to its end into the hold, and judges it. */
async function inspect(
  reader: ChunkReader,
  isa: Isa,
  { hold, nowMs, duplicate }: { readonly hold: Hold; readonly nowMs: number; readonly duplicate: boolean },
): Promise<InterchangeVerdict> {
  const inspector = inspectInterchange(isa, { nowMs, duplicate });
  let tail: Buffer = none;
  let isFirst = true;
  for (let chunk = await reader.next(); chunk !== null; chunk = await reader.next()) {
    let buffer = tail.length === 0 ? chunk : Buffer.concat([tail, chunk]);
    const at = reader.offset() - buffer.length;
    const skipped = isFirst ? isa.bytes : 0;
    isFirst = false;
    const { taken, ended } = inspector.push(buffer.subarray(skipped), at + skipped);
    let kept = skipped + taken;
    if (!ended && buffer.length - kept > maxClaimBytes) {
      inspector.overflow();
      kept = buffer.length;
    }
    await hold.keep(buffer.subarray(0, kept));
    buffer = buffer.subarray(kept);
    if (ended) {
      reader.unread(buffer);
      return inspector.end(at + kept);
    }
    tail = buffer;
  }
  if (tail.length > 0) await hold.keep(tail);
  return inspector.end(reader.offset());
}

async function* cut(hold: Hold, of: Parameters<typeof cutInterchange>[0]): Batches {
  const cutter = cutInterchange(of);
  let tail: Buffer = none;
  for await (const chunk of hold.read()) {
    const buffer = tail.length === 0 ? chunk : Buffer.concat([tail, chunk]);
    const { taken, pieces } = cutter.push(buffer);
    yield pieces;
    tail = buffer.subarray(taken);
    if (tail.length > maxClaimBytes) {
      yield cutter.add(tail);
      tail = none;
    }
  }
  yield cutter.end(tail);
}

/** Skips blanks between interchanges; false = the input has ended. */
async function skipBlanks(reader: ChunkReader): Promise<boolean> {
  for (let chunk = await reader.next(); chunk !== null; chunk = await reader.next()) {
    let from = 0;
    while (from < chunk.length && isBlank(chunk[from])) from++;
    if (from < chunk.length) {
      reader.unread(chunk.subarray(from));
      return true;
    }
  }
  return false;
}

const isaStart = Buffer.from('ISA');

/** Where the next interchange may begin: `ISA` and a separator that is no letter, and 16 elements after it. */
function findIsa(bytes: Buffer): number {
  for (let at = bytes.indexOf(isaStart); at >= 0; at = bytes.indexOf(isaStart, at + 1)) {
    if (readIsa(bytes.subarray(at, at + isaWindowBytes)) !== null) return at;
  }
  return -1;
}

/** What is no interchange, up to where one begins. */
async function* skipRubbish(reader: ChunkReader, options: SplitOptions): AsyncGenerator<readonly Piece[], number> {
  const head = await reader.peek(isaWindowBytes);
  const begins = head.subarray(0, 3).equals(isaStart);
  const found = begins
    ? finding('X12_BAD_ENVELOPE', 'ISA does not hold 16 elements', { segment: 1, segmentId: 'ISA' })
    : finding('X12_NO_ENVELOPE', 'no ISA begins here', { segment: 1 });
  const of = { scope: 'file', offset: reader.offset(), line: null, format: 'x12', interchangeControl: null, findings: [found] } as const;
  const rejection = createRejection({ ...of, options, acknowledgement: none });
  let claims = 0;
  let claimPrefix = '';
  for (let chunk = await reader.next(); chunk !== null; chunk = await reader.next()) {
    const window = Buffer.concat([chunk, (await reader.peek(isaWindowBytes)).subarray(0, isaWindowBytes)]);
    const at = findIsa(window);
    const rubbish = at < 0 || at >= chunk.length ? chunk : chunk.subarray(0, at);
    const text = claimPrefix + rubbish.toString('latin1');
    claims += countClaims(text);
    claimPrefix = text.slice(-4);
    yield rejection.add(rubbish);
    if (rubbish.length < chunk.length) {
      reader.unread(chunk.subarray(rubbish.length));
      break;
    }
  }
  yield [rejection.end(claims)];
  return claims;
}

/** Claims in something whose delimiters nobody told: `CLM` after a byte that ends a segment. */
function countClaims(text: string): number {
  let claims = 0;
  for (let at = text.indexOf('CLM'); at >= 0; at = text.indexOf('CLM', at + 3)) {
    if (at > 0 && at + 3 < text.length && !/[A-Za-z0-9 ]/.test(text[at - 1] as string) && !/[A-Za-z0-9 ]/.test(text[at + 3] as string))
      claims++;
  }
  return claims;
}

/**
 * Splits interchanges of 837P and 837I, 005010. An interchange is held until its trailer has been seen; then its claims leave
 * together, or what is wrong with it is rejected at the smallest scope that the fault reaches:
 *
 * - envelope (ISA, IEA, what stands outside): the interchange, with a TA1
 * - GS, GE: the group, with a 999
 * - ST, SE, what comes before the first HL: the transaction set
 * - a loop of HL: the claims below it
 * - a claim: that claim
 */
export async function* splitX12(reader: ChunkReader, options: SplitOptions): Batches {
  const controls = new Map<string, SeenNumbers>();
  let firstOrdinal = 0;
  while (await skipBlanks(reader)) {
    const head = await reader.peek(isaWindowBytes);
    const isa = head.subarray(0, 3).equals(isaStart) ? readIsa(head.subarray(0, isaWindowBytes)) : null;
    if (isa === null) {
      firstOrdinal += yield* skipRubbish(reader, options);
      continue;
    }
    const at = reader.offset();
    const hold = options.openHold?.(at) ?? createMemoryHold();
    try {
      const sender = [5, 6, 7, 8].map((position) => isa.elements[position - 1]).join('\0');
      const seen = controls.get(sender) ?? createSeenNumbers();
      controls.set(sender, seen);
      const duplicate = !seen.add(isa.elements[12] ?? '');
      const verdict = await inspect(reader, isa, { hold, nowMs: options.nowMs, duplicate });
      for await (const pieces of cut(hold, { isa, verdict, options, at, firstOrdinal })) {
        for (const piece of pieces) {
          if (piece.kind === 'claim') firstOrdinal++;
          else if (piece.kind === 'rejected') firstOrdinal += piece.record.claims;
        }
        yield pieces;
      }
      yield [...acknowledgementsOf(isa, verdict, options.source)];
    } finally {
      await hold.drop();
    }
  }
}

function* acknowledgementsOf(isa: Isa, { ta1, acknowledgements }: InterchangeVerdict, source: string): Generator<Piece> {
  const interchangeControl = isa.elements[12] ?? '';
  if (ta1.length > 0) yield { kind: 'acknowledgement', source, type: 'TA1', interchangeControl, bytes: ta1 };
  else for (const bytes of acknowledgements.values()) yield { kind: 'acknowledgement', source, type: '999', interchangeControl, bytes };
}
