import { finding, maxClaimBytes, maxContextBytes, type Finding } from '../split/piece.ts';
import { checkElements } from './check-elements.ts';
import { codeElementAt, elementCode } from './element-at.ts';
import type { Delimiters } from './isa.ts';
import { loops } from './loops.ts';
import { codeOf, idOf, type SegmentCode, type ScannedSegment, type SegmentPlace } from './scan-segments.ts';
import { segmentSpecs } from './segment-specs.ts';
import { trackStructure } from './track-structure.ts';
import type { Verdicts } from './verdicts.ts';
import type { SetFault } from './write-acknowledgement.ts';

/** So many faults of a transaction set are told; the rest is rejected without a word more. */
const mostFaults = 100;
const [HL, CLM] = ['HL', 'CLM'].map(codeOf);

export interface SetInspector {
  /** A segment between ST and SE. @param at  its place in the input */
  take(segment: ScannedSegment, at: number): void;
  /** Only counts the segment: its group is not read. */
  pass(code: SegmentCode): void;
  /** Ends it at its SE, or where that should be. @param at  where it ends */
  end(at: number): void;
  /** Segments so far, ST included. */
  position(): number;
  /** Faults of the set as a whole: not empty = it is rejected. */
  setFaults(): readonly SetFault[];
  /** All faults, those of single claims too. */
  faults(): readonly SetFault[];
  addSetFault(fault: SetFault): void;
  /** Number of the next claim in the interchange. */
  nextClaim(): number;
}

export interface SetInspectorOptions {
  readonly delimiters: Delimiters;
  readonly kind: 'professional' | 'institutional';
  /** Bytes of ISA, GS and ST, which every claim takes with it. */
  readonly envelopeBytes: number;
  readonly claims: Verdicts;
  /** Number of the next claim in the interchange. */
  readonly firstClaim: number;
}

const [billingLevel, subscriberLevel] = ['20', '22'].map(elementCode);
const loopOfHl = (level: number): number =>
  level === billingLevel ? loops.billing : level === subscriberLevel ? loops.subscriber : loops.patient;

/**
 * Looks at the segments of one transaction set. What is wrong before the first HL, or with the trailers, rejects the set;
 * what is wrong in a loop of HL, the claims below it; what is wrong in a claim, that claim.
 */
export function inspectSet({ delimiters, kind, envelopeBytes, claims, firstClaim }: SetInspectorOptions): SetInspector {
  const structure = trackStructure(delimiters.element, kind);
  const setFaults: SetFault[] = [];
  const all: SetFault[] = [];
  /** Faults and bytes of the open HL loops, by loop. */
  const hlFaults: SetFault[][] = [[], [], [], []];
  const hlBytes = [0, 0, 0, 0];
  const hlAt = [0, 0, 0, 0];
  let level: number = loops.header;
  let position = 1;
  let claim = firstClaim;
  /** Faults of open loops that were told with a claim: the next ones below are rejected for the first of them. */
  const isTold = [false, false, false, false];
  let isUntold = false;
  let firstFault: readonly Finding[] | null = null;
  let inherited: readonly Finding[] = [];
  let claimFaults: Finding[] | null = null;
  let claimAt = 0;
  let claimPosition = 0;

  const endClaim = (at: number): void => {
    if (claimFaults === null) return;
    const contextBytes = envelopeBytes + hlBytes.reduce((sum, bytes) => sum + bytes, 0);
    const isTooLarge = at - claimAt + contextBytes > maxClaimBytes;
    if (isTooLarge || contextBytes > maxContextBytes) {
      const detail = isTooLarge ? 'the claim and its loops take more than a record' : 'the loops around the claim take more than 64 KiB';
      claimFaults.push(finding('MESSAGE_TOO_LARGE', detail, { segment: claimPosition, segmentId: 'CLM' }));
    }
    if (claimFaults.length > 0) claims.reject(claim, [...inherited, ...claimFaults]);
    else if (inherited.length > 0) claims.reject(claim, inherited);
    claim++;
    claimFaults = null;
  };
  const beginHl = (segment: SegmentPlace, at: number): void => {
    level = loopOfHl(codeElementAt(segment, 3, delimiters.element));
    for (let below = level; below <= loops.patient; below++) {
      hlFaults[below] = [];
      hlBytes[below] = 0;
      isTold[below] = false;
    }
    hlAt[level] = at;
    firstFault = null;
  };
  const tellLoops = (): readonly Finding[] => {
    const untold = hlFaults.filter((_faults, of) => isTold[of] === false).flat();
    isTold.fill(true);
    isUntold = false;
    return untold;
  };
  const beginClaim = (at: number): void => {
    const untold = isUntold ? tellLoops() : [];
    inherited = untold.length > 0 ? untold : (firstFault ??= hlFaults.flat().slice(0, 1));
    claimFaults = [];
    claimAt = at;
    claimPosition = position;
  };
  const put = (fault: SetFault): void => {
    if (all.length < mostFaults) all.push(fault);
    if (claimFaults) {
      if (claimFaults.length < mostFaults) claimFaults.push(fault);
    } else if (level === loops.header) setFaults.push(fault);
    else if ((hlFaults[level]?.length ?? mostFaults) < mostFaults) {
      hlFaults[level]?.push(fault);
      isUntold = true;
      firstFault = null;
    }
  };

  return {
    take(segment, at) {
      const { code, from, end } = segment;
      position++;
      if (code === HL || code === CLM) endClaim(at);
      if (code === HL) beginHl(segment, at);
      if (code === CLM) beginClaim(at);
      else if (claimFaults === null && level !== loops.header) hlBytes[level] = at + end - from + 1 - (hlAt[level] as number);
      const misplaced = structure.take(segment);
      if (misplaced) {
        const { level: of, code: number, element, reference, detail } = misplaced;
        put({ ...finding(`999-${of}-${number}`, detail, { segment: position, segmentId: idOf(code), element }), reference });
        return;
      }
      const spec = segmentSpecs.get(code);
      const fault = spec ? checkElements(segment, spec, delimiters) : null;
      if (fault === null) return;
      const { element, component, reference } = fault;
      const place = { segment: position, segmentId: idOf(code), element, component };
      put({ ...finding(`999-IK4-${fault.code}`, elementDetails[fault.code], place), reference });
    },
    pass(code) {
      position++;
      if (code === CLM) claim++;
    },
    end: endClaim,
    position: () => position,
    setFaults: () => setFaults,
    faults: () => all,
    addSetFault(fault) {
      setFaults.push(fault);
      all.push(fault);
    },
    nextClaim: () => claim,
  };
}

const elementDetails = {
  '1': 'mandatory and missing',
  '4': 'too short',
  '5': 'too long',
  '6': 'no number',
  '7': 'no code of the list',
  '8': 'no date',
} as const;
