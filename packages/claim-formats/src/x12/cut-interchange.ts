import { createRejection, type Rejection, type RejectionOf } from '../split/create-rejection.ts';
import type { Piece, SplitOptions } from '../split/piece.ts';
import { isBoundary } from './boundary-list.ts';
import { codeElementAt, elementAt, elementCode } from './element-at.ts';
import type { InterchangeVerdict } from './inspect-interchange.ts';
import type { Isa } from './isa.ts';
import { codeOf, endOfSegment, scanSegments, type SegmentCode, type SegmentPlace } from './scan-segments.ts';

export interface InterchangeCutter {
  /** Takes whole segments. @returns the pieces that end in them, and how many bytes were taken */
  push(buffer: Buffer): { readonly taken: number; readonly pieces: Piece[] };
  /** Bytes of a segment too long to be one, inside a rejected interchange. */
  add(bytes: Buffer): Piece[];
  /** @param tail  bytes after the last terminator */
  end(tail: Buffer): Piece[];
}

export interface CutOptions {
  readonly isa: Isa;
  readonly verdict: InterchangeVerdict;
  readonly options: SplitOptions;
  /** Place of the interchange in the input. */
  readonly at: number;
  /** Number of its first claim in the input. */
  readonly firstOrdinal: number;
}

const [GS, ST, SE, GE, IEA, HL, CLM] = ['GS', 'ST', 'SE', 'GE', 'IEA', 'HL', 'CLM'].map(codeOf);
const [billingLevel, subscriberLevel] = ['20', '22'].map(elementCode);
const none = Buffer.alloc(0);

const joined = (parts: readonly Buffer[]): Buffer => (parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts));

/** Without the line breaks after the last terminator. */
function trimmed(bytes: Buffer, terminator: number): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] !== terminator) end--;
  return end === 0 || end === bytes.length ? bytes : bytes.subarray(0, end);
}

/** What the bytes at hand belong to. */
type Target = 'nothing' | 'context' | 'claim' | 'rejected';

/** Cuts an interchange whose verdict is known into claims, each with its envelope and loops, and rejections. */
export function cutInterchange({ isa, verdict, options, at: base, firstOrdinal }: CutOptions): InterchangeCutter {
  const separator = isa.delimiters.element;
  const terminator = Buffer.of(isa.delimiters.segment);
  const interchangeControl = isa.elements[12] ?? '';
  let isaBytes: Buffer = none;
  let gs: Buffer = none;
  let st: Buffer = none;
  const loops: Buffer[][] = [[], [], [], []];
  let level = 0;
  let context: Buffer | null = null;
  let billing: Buffer | null = null;
  let [group, set, claim, ordinal] = [-1, -1, -1, firstOrdinal];
  let [groupControl, setControl, version] = ['', '', ''];
  /** Number of the segment in the interchange, and of the last ST. */
  let number = 1;
  let numberOfSet = 0;
  let nextBoundary = 0;
  let consumed = 0;
  let target: Target = 'nothing';
  let open: Buffer[] = [];
  let closing = false;
  let acknowledged = -1;
  let claimPosition = 0;
  let claimId = '';
  let rejection: Rejection | null = null;
  let rejectionScope: RejectionOf['scope'] = 'interchange';
  let rejectedClaims = 0;
  let pieces: Piece[] = [];

  const format = (): string => (version.startsWith('005010X223') ? 'x12-837i' : 'x12-837p');
  /** What all claims of a billing provider share. */
  const aboveBilling = (): Buffer => (billing ??= Buffer.concat([isaBytes, gs, st, ...(loops[1] as Buffer[])]));
  const contextBytes = (): Buffer => (context ??= Buffer.concat([aboveBilling(), ...(loops[2] as Buffer[]), ...(loops[3] as Buffer[])]));

  const endTarget = (): void => {
    if (target === 'claim') {
      const received = {
        format: format(),
        content: trimmed(joined(open), isa.delimiters.segment),
        context: contextBytes(),
        source: options.source,
        ordinal: ordinal++,
        line: null,
        segment: claimPosition,
        interchangeControl,
        groupControl,
        transactionControl: setControl,
      };
      pieces.push({ kind: 'claim', key: claimId, received });
    } else if (target === 'context') loops[level]?.push(trimmed(joined(open), isa.delimiters.segment));
    else if (target === 'rejected' && rejection) {
      pieces.push(rejection.end(rejectedClaims));
      ordinal += rejectedClaims;
      rejection = null;
    }
    open = [];
    target = 'nothing';
  };
  /** The 999 of a group goes with the first thing of it that is rejected. */
  const acknowledgementOf = (of: number): Buffer => {
    const bytes = of === acknowledged ? none : (verdict.acknowledgements.get(of) ?? none);
    acknowledged = of;
    return bytes;
  };
  const beginRejection = (scope: RejectionOf['scope'], findings: RejectionOf['findings'], at: number): void => {
    const acknowledgement = scope === 'interchange' ? verdict.ta1 : acknowledgementOf(group);
    const of = { scope, findings, acknowledgement, offset: at, line: null, interchangeControl };
    rejection = createRejection({ options, format: version === '' ? 'x12' : format(), ...of });
    rejectionScope = scope;
    rejectedClaims = 0;
    target = 'rejected';
  };

  const flush = (bytes: Buffer): void => {
    if (bytes.length === 0) return;
    if (target === 'rejected' && rejection) pieces.push(...rejection.add(bytes));
    else if (target === 'claim' || target === 'context') open.push(bytes);
  };
  const beginGroup = (element: (position: number) => string, bytes: Buffer, at: number): void => {
    group++;
    [groupControl, version] = [element(6), element(8)];
    gs = bytes;
    const findings = verdict.groups.findingsOf(group);
    if (findings) beginRejection('group', findings, at);
  };
  const beginSet = (element: (position: number) => string, bytes: Buffer, at: number): void => {
    numberOfSet = number;
    level = 0;
    for (let above = 0; above < loops.length; above++) loops[above] = [];
    context = null;
    billing = null;
    setControl = element(2);
    version = element(3) || version;
    st = bytes;
    const findings = verdict.sets.findingsOf(set);
    if (findings) beginRejection('transaction', findings, at);
  };
  const beginLoop = (name: number): void => {
    level = name === billingLevel ? 1 : name === subscriberLevel ? 2 : 3;
    if (level === 1) billing = null;
    for (let below = level; below <= 3; below++) loops[below] = [];
    context = null;
    target = 'context';
  };
  const beginClaim = (id: string, at: number): void => {
    claimPosition = number - numberOfSet + 1;
    claimId = id;
    const findings = verdict.claims.findingsOf(claim);
    if (findings) beginRejection('claim', findings, at);
    else target = 'claim';
    rejectedClaims = 1;
  };
  /** Whether the segment stays with what is rejected, up to the trailer of that. */
  const staysRejected = (code: SegmentCode): boolean => {
    if (!rejection || rejectionScope === 'claim') return false;
    if (rejectionScope === 'interchange') return true;
    return code !== GS && code !== IEA && (rejectionScope === 'group' || (code !== ST && code !== GE));
  };

  /** Takes one segment; `cut` ends what came before it. */
  const step = (segment: SegmentPlace, at: number, cut: (from: number) => void): void => {
    const { code, buffer, from, end } = segment;
    if (closing) cut(from);
    number++;
    if (code === ST) set++;
    if (code === CLM) claim++;
    if (staysRejected(code)) {
      if (code === CLM) rejectedClaims++;
      closing = (rejectionScope === 'group' && code === GE) || (rejectionScope === 'transaction' && code === SE);
      return;
    }
    if (!isBoundary(code)) return;
    cut(from);
    if (code === SE || code === GE || code === IEA) return;
    const element = (position: number): string => elementAt(segment, position, separator);
    const bytes = (): Buffer => Buffer.concat([buffer.subarray(from, end), terminator]);
    if (code === GS) beginGroup(element, bytes(), at);
    else if (code === ST) beginSet(element, bytes(), at);
    else if (code === HL) beginLoop(codeElementAt(segment, 3, separator));
    else if (code === CLM) beginClaim(element(1), at);
  };

  const stepSegments = (buffer: Buffer, at: number, cut: (from: number) => void): number =>
    scanSegments(buffer, isa.delimiters, (segment) => {
      step(segment, at + segment.from, cut);
      return true;
    });
  /** As `stepSegments`, of segments that are known already. A boundary whose end is not here yet waits for the next buffer. */
  const stepBoundaries = (buffer: Buffer, at: number, cut: (from: number) => void): number => {
    const { boundaries } = verdict;
    const segment: SegmentPlace = { buffer, code: 0, from: 0, end: 0 };
    for (; nextBoundary < boundaries.count(); nextBoundary++) {
      const from = boundaries.offsetAt(nextBoundary) - at;
      if (from >= buffer.length) break;
      // Inside of a segment without an end, which was taken as a whole.
      if (from < 0) continue;
      const end = endOfSegment(buffer, from, isa.delimiters.segment);
      if (end < 0) return from;
      segment.code = boundaries.codeAt(nextBoundary);
      segment.from = from;
      segment.end = end;
      number = boundaries.numberAt(nextBoundary) - 1;
      step(segment, at + from, cut);
    }
    return buffer.length;
  };

  return {
    push(buffer) {
      pieces = [];
      let flushed = 0;
      let start = 0;
      if (consumed === 0) {
        start = isa.bytes;
        isaBytes = Buffer.from(buffer.subarray(0, start));
        if (verdict.findings.length > 0) beginRejection('interchange', verdict.findings, base);
        else flushed = start;
      }
      const rest = buffer.subarray(start);
      const cutAt = (from: number): void => {
        flush(buffer.subarray(flushed, start + from));
        flushed = start + from;
        endTarget();
        closing = false;
      };
      const at = base + consumed + start;
      const taken = start + (verdict.boundaries.isComplete() ? stepBoundaries(rest, at, cutAt) : stepSegments(rest, at, cutAt));
      flush(buffer.subarray(flushed, taken));
      consumed += taken;
      return { taken, pieces };
    },
    add(bytes) {
      pieces = [];
      flush(bytes);
      consumed += bytes.length;
      return pieces;
    },
    end(tail) {
      pieces = [];
      flush(tail);
      endTarget();
      return pieces;
    },
  };
}
