import { codeElementAt, elementCode, numberElementAt } from './element-at.ts';
import { loopRanks, loops, nameCodes, nameRanks, onceOnly, type Loop, type Ranks } from './loops.ts';
import { codeOf, type SegmentCode, type SegmentPlace } from './scan-segments.ts';
import { knownSegments } from './segment-specs.ts';

/** What is wrong with a segment's place: IK304 of a 999, or IK403 where it is the element that tells. */
export interface StructureFault {
  readonly level: 'IK3' | 'IK4';
  readonly code: string;
  readonly element: number | null;
  readonly reference: string;
  readonly detail: string;
}

export interface StructureTracker {
  /** The loop of the last segment. */
  loop(): Loop;
  /** Takes the next segment of the transaction set; ST and SE are left out. */
  take(segment: SegmentPlace): StructureFault | null;
}

const [HL, CLM, NM1, SBR, LX, LIN, SVD, LQ, SV1, SV2, REF] = ['HL', 'CLM', 'NM1', 'SBR', 'LX', 'LIN', 'SVD', 'LQ', 'SV1', 'SV2', 'REF'].map(
  codeOf,
);

const segmentFault = (code: string, detail: string): StructureFault => ({ level: 'IK3', code, element: null, reference: '', detail });
const unknown = segmentFault('1', 'unrecognised segment identifier');
const unexpected = segmentFault('2', 'unexpected segment');
const tooManyLoops = segmentFault('4', 'the loop occurs too often');
const tooOften = segmentFault('5', 'the segment occurs too often');
const outOfOrder = segmentFault('7', 'the segment is not in its place');
const elementFault = (element: number, reference: string, detail: string): StructureFault => ({
  level: 'IK4',
  code: '7',
  element,
  reference,
  detail,
});

/** Loops that a segment opens inside a claim. */
const opened: ReadonlyMap<SegmentCode | undefined, readonly [from: readonly Loop[], to: Loop]> = new Map([
  [SBR, [[loops.claim, loops.claimName, loops.otherSubscriber, loops.otherName], loops.otherSubscriber]],
  [LX, [[4, 5, 6, 7, 8, 9, 10, 11, 12], loops.line]],
  [LIN, [[loops.line, loops.drug], loops.drug]],
  [SVD, [[loops.line, loops.drug, loops.lineName, loops.lineAdjudication], loops.lineAdjudication]],
  [LQ, [[loops.line, loops.drug, loops.lineName, loops.lineAdjudication, loops.form], loops.form]],
] as const);

/** By loop: what a name there belongs to; null = a name is late there. */
const nameLoops: readonly ({ readonly to: Loop; readonly codes: ReadonlySet<number> } | null)[] = [
  { to: loops.header, codes: nameCodes.header },
  { to: loops.billing, codes: nameCodes.billing },
  { to: loops.subscriber, codes: nameCodes.subscriber },
  { to: loops.patient, codes: nameCodes.patient },
  { to: loops.claimName, codes: nameCodes.claim },
  { to: loops.claimName, codes: nameCodes.claim },
  { to: loops.otherName, codes: nameCodes.other },
  { to: loops.otherName, codes: nameCodes.other },
  { to: loops.lineName, codes: nameCodes.line },
  { to: loops.lineName, codes: nameCodes.line },
  { to: loops.lineName, codes: nameCodes.line },
  null,
  null,
];

/** What `numberElementAt` says of an element that is not there. */
const absent = -1;
/** Names that may stand once below their HL. */
const single = new Set(['85', '87', 'IL', 'PR', 'QC', '41', '40'].map(elementCode));
const [billingLevel, subscriberLevel, patientLevel] = ['20', '22', '23'].map(elementCode);

/**
 * Follows the loops of one transaction set and says which segment is not where the guide has it.
 * @param separator  between elements
 * @param kind  professional: lines are SV1; institutional: SV2
 */
export function trackStructure(separator: number, kind: 'professional' | 'institutional'): StructureTracker {
  let loop: Loop = loops.header;
  let ranks: Ranks = loopRanks[loops.header] as Ranks;
  let rank = -1;
  let last: SegmentCode = 0;
  let lastHl = 0;
  let billingHl = absent;
  let subscriberHl = absent;
  const named = new Set<number>();

  const enter = (to: Loop, with_: Ranks = loopRanks[to] as Ranks): void => {
    loop = to;
    ranks = with_;
    rank = 0;
  };
  const takeHl = (segment: SegmentPlace): StructureFault | null => {
    const id = numberElementAt(segment, 1, separator);
    const parent = numberElementAt(segment, 2, separator);
    const level = codeElementAt(segment, 3, separator);
    const isBilling = level === billingLevel;
    const isSubscriber = level === subscriberLevel;
    lastHl++;
    enter(isBilling ? loops.billing : isSubscriber ? loops.subscriber : loops.patient);
    named.clear();
    const expected = isSubscriber ? billingHl : isBilling ? absent : subscriberHl;
    if (isBilling) billingHl = id;
    if (isBilling || isSubscriber) subscriberHl = isSubscriber ? id : absent;
    if (!isBilling && !isSubscriber && level !== patientLevel) return elementFault(3, '735', 'not a level of an 837');
    if (id !== lastHl) {
      lastHl = id >= 0 ? id : lastHl;
      return elementFault(1, '628', 'not one more than that of the HL before');
    }
    return parent === expected && (isBilling || expected >= 0) ? null : elementFault(2, '734', 'not the HL that it stands below');
  };
  const takeName = (segment: SegmentPlace): StructureFault | null => {
    const found = nameLoops[loop];
    if (!found) return outOfOrder;
    const code = codeElementAt(segment, 1, separator);
    enter(found.to, nameRanks);
    if (!found.codes.has(code)) return elementFault(1, '98', 'not a name of this loop');
    if (found.to > loops.patient || !single.has(code)) return null;
    if (named.has(code)) return tooManyLoops;
    named.add(code);
    return null;
  };

  const place = (segment: SegmentPlace): StructureFault | null => {
    const { code } = segment;
    if (code === HL) return takeHl(segment);
    if (code === NM1) return takeName(segment);
    if (code === CLM) {
      const misplaced = loop < loops.subscriber;
      enter(loops.claim);
      return misplaced ? unexpected : null;
    }
    const isOpening = code === LX || code === SBR || code === LIN || code === SVD || code === LQ;
    const opens = isOpening && !(code === SBR && loop === loops.subscriber) ? opened.get(code) : undefined;
    if (opens) {
      if (!opens[0].includes(loop)) return loop < loops.claim ? unexpected : outOfOrder;
      enter(opens[1]);
      return null;
    }
    const to = ranks.get(code);
    if (to === undefined) return knownSegments.has(code) ? misplacedIn(code) : unknown;
    if (code === (kind === 'professional' ? SV2 : SV1)) return unexpected;
    if (to < rank) return outOfOrder;
    if (to === rank && code === last && onceOnly.has(code)) return tooOften;
    rank = to;
    return null;
  };
  /** A segment of the loop before the names came is late; any other is none of this loop. */
  const misplacedIn = (code: SegmentCode): StructureFault => (loopRanks[loop]?.has(code) && code !== REF ? outOfOrder : unexpected);

  return {
    loop: () => loop,
    take(segment) {
      const fault = segment.code === 0 ? unknown : place(segment);
      last = segment.code;
      return fault;
    },
  };
}
