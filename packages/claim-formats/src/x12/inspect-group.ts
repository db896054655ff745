import { finding, type Finding } from '../split/piece.ts';
import { checkElements } from './check-elements.ts';
import { elementAt } from './element-at.ts';
import { inspectSet, type SetInspector } from './inspect-set.ts';
import type { Isa } from './isa.ts';
import { codeOf, type SegmentCode, type ScannedSegment, type SegmentPlace } from './scan-segments.ts';
import { createSeenNumbers } from './seen-numbers.ts';
import { segmentSpecs } from './segment-specs.ts';
import type { Verdicts } from './verdicts.ts';
import { write999, type AcknowledgedSet, type SetFault } from './write-acknowledgement.ts';

/** What the groups of an interchange have in common: what is found, and how far the counting is. */
export interface InterchangeFindings {
  readonly groups: Verdicts;
  readonly sets: Verdicts;
  readonly claims: Verdicts;
  readonly acknowledgements: Map<number, Buffer>;
  /** Numbers of the next set and claim in the interchange. */
  nextSet: number;
  nextClaim: number;
}

export interface GroupInspector {
  /** Takes a segment after GS: its place in the input, its number in the interchange. @returns null = it does not belong into a group; `ended` = it was the group's GE */
  take(segment: ScannedSegment, at: number, number: number): 'taken' | 'ended' | null;
  /** The group ends without its GE. @param number  of the segment that shows it */
  endWithoutTrailer(at: number, number: number): void;
}

export interface GroupOptions {
  readonly isa: Isa;
  readonly nowMs: number;
  /** Number of the group in the interchange, from 0. */
  readonly number: number;
  /** Number of its GS among the segments of the interchange. */
  readonly segment: number;
  /** GS06 came before in the interchange. */
  readonly duplicate: boolean;
  readonly findings: InterchangeFindings;
}

export const versions = /^005010X22(2(A[12])?|3(A[123])?)$/;

/** A 999 tells so many sets and faults of a group, so that it stays well below a record; and so many 999 are kept. */
const mostSets = 1000;
const mostFaults = 5000;
const mostAcknowledgements = 1000;

const [ST, SE, GE, GS, IEA] = ['ST', 'SE', 'GE', 'GS', 'IEA'].map(codeOf);
const stSpec = segmentSpecs.get(ST as SegmentCode);

const setFault = (code: string, detail: string, place: Partial<Finding>): SetFault => ({
  ...finding(`999-IK5-${code}`, detail, place),
  reference: '',
});
const isCount = (text: string, count: number): boolean => /^\d+$/.test(text) && Number(text) === count;

interface OpenSet {
  readonly control: string;
  readonly version: string;
  readonly inspector: SetInspector;
}

/** Looks at one functional group. @param header  its GS */
export function inspectGroup(header: SegmentPlace, { isa, nowMs, number, segment, duplicate, findings }: GroupOptions): GroupInspector {
  const { delimiters } = isa;
  const at = (of: SegmentPlace, position: number): string => elementAt(of, position, delimiters.element);
  const [functionalId, sender, receiver, control, version] = [1, 2, 3, 6, 8].map((position) => at(header, position)) as [
    string,
    string,
    string,
    string,
    string,
  ];
  const headerBytes = header.end - header.from + 2;
  const controls = createSeenNumbers();
  const faults: Finding[] = [];
  const sets: AcknowledgedSet[] = [];
  /** Health care claims of a version that is read: others are only counted. */
  const isRead = functionalId === 'HC' && versions.test(version);
  let [included, found, taken, told] = [0, 0, 0, 0];
  let set: OpenSet | null = null;

  const fault = (code: string, detail: string, place: Partial<Finding>): void =>
    void faults.push(finding(`999-AK9-${code}`, detail, place));
  const gs = { segment, segmentId: 'GS' };
  if (functionalId !== 'HC') fault('1', 'no health care claims', { ...gs, element: 1 });
  else if (!isRead) fault('2', 'the version is not one that is read', { ...gs, element: 8 });
  if (duplicate) fault('19', 'the group control number came before in the interchange', { ...gs, element: 6 });

  const tellSet = ({ inspector, ...names }: OpenSet, code: 'E' | 'R'): void => {
    const own = inspector.faults().slice(0, mostFaults - told);
    told += own.length;
    if (sets.length < mostSets) sets.push({ ...names, code, faults: own });
  };
  const closeSet = (open: OpenSet, after: number): void => {
    const { inspector } = open;
    inspector.end(after);
    findings.nextClaim = inspector.nextClaim();
    const isRejected = inspector.setFaults().length > 0;
    if (isRejected) findings.sets.reject(findings.nextSet - 1, inspector.faults());
    else taken++;
    if (inspector.faults().length > 0) tellSet(open, isRejected ? 'R' : 'E');
    set = null;
  };
  const closeUnendedSet = (after: number): void => {
    if (set === null) return;
    const place = { segment: set.inspector.position(), segmentId: 'SE' };
    set.inspector.addSetFault(setFault('2', 'the trailer of the transaction set is missing', place));
    closeSet(set, after);
  };
  /** What is wrong with ST itself. */
  const checkHeader = (of: ScannedSegment, inspector: SetInspector): void => {
    const add = (code: string, detail: string, element: number): void =>
      inspector.addSetFault(setFault(code, detail, { segment: 1, segmentId: 'ST', element }));
    const malformed = stSpec ? checkElements(of, stSpec, delimiters) : null;
    if (malformed) add(malformed.element === 1 ? '6' : '7', 'the element of ST is missing or malformed', malformed.element);
    else if (at(of, 1) !== '837') add('1', 'not a transaction set that is read', 1);
    else if (at(of, 3) !== '' && at(of, 3) !== version) add('I6', 'another version than that of the group', 3);
    if (!controls.add(at(of, 2))) add('23', 'the control number came before in the group', 2);
  };
  const openSet = (of: ScannedSegment): void => {
    const own = at(of, 3) === '' ? version : at(of, 3);
    const kind = own.startsWith('005010X223') ? 'institutional' : 'professional';
    const envelopeBytes = isa.bytes + headerBytes + of.end - of.from + 2;
    const inspector = inspectSet({ delimiters, kind, envelopeBytes, claims: findings.claims, firstClaim: findings.nextClaim });
    if (isRead) checkHeader(of, inspector);
    found++;
    findings.nextSet++;
    set = { control: at(of, 2), version: own, inspector };
  };
  const endSet = (of: SegmentPlace, open: OpenSet, after: number): void => {
    const position = open.inspector.position() + 1;
    const place = { segment: position, segmentId: 'SE' };
    if (isRead && !isCount(at(of, 1), position)) {
      open.inspector.addSetFault(setFault('4', `SE01 is not ${position}, the number of segments`, { ...place, element: 1 }));
    }
    if (isRead && at(of, 2) !== open.control) open.inspector.addSetFault(setFault('3', 'SE02 is not ST02', { ...place, element: 2 }));
    closeSet(open, after);
  };
  const close = (after: number): void => {
    closeUnendedSet(after);
    const rejected = faults.length > 0;
    if (rejected) findings.groups.reject(number, faults);
    // An acknowledgement is not acknowledged.
    if ((!rejected && sets.length === 0) || functionalId === 'FA' || findings.acknowledgements.size >= mostAcknowledgements) return;
    const faultCodes = faults.map(({ code }) => code.slice('999-AK9-'.length));
    const names = { functionalId, sender, receiver, control, version };
    findings.acknowledgements.set(number, write999(isa, { ...names, included, found, taken, rejected, faultCodes, sets }, nowMs));
  };
  const end = (of: SegmentPlace, after: number, place: Partial<Finding>): void => {
    included = Number(at(of, 1)) || 0;
    if (!isCount(at(of, 1), found)) fault('5', `GE01 is not ${found}, the number of transaction sets`, { ...place, element: 1 });
    if (at(of, 2) !== control) fault('4', 'GE02 is not GS06', { ...place, element: 2 });
    close(after);
  };

  return {
    take(of, place, shown) {
      const { code } = of;
      const after = place + of.end - of.from + 1;
      if (code === GE) {
        end(of, after, { segment: shown, segmentId: 'GE' });
        return 'ended';
      }
      if (code === ST) {
        closeUnendedSet(place);
        openSet(of);
      } else if (set === null || code === GS || code === IEA) return null;
      else if (code === SE) endSet(of, set, after);
      else if (isRead) set.inspector.take(of, place);
      else set.inspector.pass(code);
      return 'taken';
    },
    endWithoutTrailer(after, shown) {
      fault('3', 'the trailer of the group is missing', { segment: shown, segmentId: 'GE' });
      close(after);
    },
  };
}
