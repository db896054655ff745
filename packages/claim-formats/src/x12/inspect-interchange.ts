import { finding, type Finding } from '../split/piece.ts';
import { checkElements } from './check-elements.ts';
import { elementAt } from './element-at.ts';
import { inspectSet } from './inspect-set.ts';
import type { Isa } from './isa.ts';
import { codeOf, idOf, scanSegments, type SegmentCode, type SegmentPlace } from './scan-segments.ts';
import { createSeenNumbers } from './seen-numbers.ts';
import { segmentSpecs } from './segment-specs.ts';
import { createVerdicts, type Verdicts } from './verdicts.ts';
import { write999, writeTa1, type AcknowledgedSet, type SetFault } from './write-acknowledgement.ts';

/** What becomes of an interchange and of each part of it. */
export interface InterchangeVerdict {
  /** Not empty = all of it is rejected. */
  readonly findings: readonly Finding[];
  /** Empty where the interchange is taken. */
  readonly ta1: Buffer;
  /** By number in the interchange, from 0. */
  readonly groups: Verdicts;
  readonly sets: Verdicts;
  readonly claims: Verdicts;
  /** 999 of each group that has something to tell. */
  readonly acknowledgements: ReadonlyMap<number, Buffer>;
}

export interface InterchangeInspector {
  /**
   * Takes whole segments. @param at  place of the buffer in the input
   * @returns how many bytes were taken; `ended` = the interchange ends there
   */
  push(buffer: Buffer, at: number): { readonly taken: number; readonly ended: boolean };
  /** A segment so long that it cannot be one: its bytes are taken, the interchange is rejected. */
  overflow(): void;
  /** @param at  where the input ends, or the interchange did */
  end(at: number): InterchangeVerdict;
}

const [ISA, GS, ST, SE, GE, IEA] = ['ISA', 'GS', 'ST', 'SE', 'GE', 'IEA'].map(codeOf);
const versions = /^005010X22(2(A[12])?|3(A[123])?)$/;
const mostSets = 1000;
/** A 999 tells no more faults than these of a group, so that it stays well below a record. */
const mostFaults = 5000;
const mostAcknowledgements = 1000;

interface OpenGroup {
  readonly functionalId: string;
  readonly sender: string;
  readonly receiver: string;
  readonly control: string;
  readonly version: string;
  readonly bytes: number;
  readonly faults: Finding[];
  /** Health care claims of a version that is read: others are only counted. */
  readonly isRead: boolean;
  readonly controls: ReturnType<typeof createSeenNumbers>;
  readonly sets: AcknowledgedSet[];
  found: number;
  taken: number;
  /** GE01. */
  included: number;
  troubled: boolean;
  /** Faults in `sets`. */
  told: number;
}

interface OpenSet {
  readonly control: string;
  readonly version: string;
  readonly inspector: ReturnType<typeof inspectSet>;
}

const setFault = (code: string, detail: string, place: Partial<Finding>): SetFault => ({
  ...finding(`999-IK5-${code}`, detail, place),
  reference: '',
});

const further = (scope: string): Finding => finding('999-IK5-5', `one ${scope} of more than are told`);

/** @param nowMs  time of the acknowledgements */
export function inspectInterchange(isa: Isa, nowMs: number, { duplicate }: { readonly duplicate: boolean }): InterchangeInspector {
  const { delimiters } = isa;
  const separator = delimiters.element;
  const findings: Finding[] = [];
  const groups = createVerdicts(finding('999-AK9-1', 'one group of more than are told'));
  const sets = createVerdicts(further('transaction set'));
  const claims = createVerdicts(further('claim'));
  const acknowledgements = new Map<number, Buffer>();
  const groupControls = createSeenNumbers();
  let note = '';
  let segments = 1;
  let groupCount = 0;
  let setCount = 0;
  let nextClaim = 0;
  let group: OpenGroup | null = null;
  let set: OpenSet | null = null;
  let ended = false;

  const rejectAll = (code: string, detail: string, place: Partial<Finding> = {}): void => {
    note ||= code;
    if (findings.length < 20) findings.push(finding(`TA1-${code}`, detail, { segment: segments, ...place }));
  };
  if (isa.note !== null) rejectAll(isa.note, 'the element of ISA is not as it must be', { segmentId: 'ISA', element: isa.element });
  if (duplicate) rejectAll('025', 'the interchange control number came before in this input', { segmentId: 'ISA', element: 13 });

  const openGroup = (segment: SegmentPlace): void => {
    const at = (position: number): string => elementAt(segment, position, separator);
    const faults: Finding[] = [];
    const fault = (code: string, element: number, detail: string): void =>
      void faults.push(finding(`999-AK9-${code}`, detail, { segment: segments, segmentId: 'GS', element }));
    const spec = segmentSpecs.get(GS as SegmentCode);
    const malformed = spec && checkElements(segment, spec, delimiters);
    if (malformed) rejectAll('024', 'an element of GS is missing or malformed', { segmentId: 'GS', element: malformed.element });
    if (at(1) !== 'HC') fault('1', 1, 'no health care claims');
    else if (!versions.test(at(8))) fault('2', 8, 'the version is not one that is read');
    if (!groupControls.add(at(6))) fault('19', 6, 'the group control number came before in the interchange');
    const names = { functionalId: at(1), sender: at(2), receiver: at(3), control: at(6), version: at(8) };
    group = {
      ...names,
      bytes: segment.end - segment.from + 2,
      faults,
      isRead: at(1) === 'HC' && versions.test(at(8)),
      controls: createSeenNumbers(),
      sets: [],
      found: 0,
      taken: 0,
      included: 0,
      told: 0,
      troubled: false,
    };
  };
  const closeSet = (at: number): void => {
    if (!set || !group) return;
    const { inspector, control, version } = set;
    inspector.end(at);
    nextClaim = inspector.nextClaim();
    const isRejected = inspector.setFaults().length > 0;
    if (isRejected) sets.reject(setCount - 1, inspector.faults());
    else group.taken++;
    if (inspector.faults().length > 0) {
      group.troubled = true;
      const told = inspector.faults().slice(0, mostFaults - group.told);
      group.told += told.length;
      if (group.sets.length < mostSets) group.sets.push({ control, version, code: isRejected ? 'R' : 'E', faults: told });
    }
    set = null;
  };
  const closeGroup = (at: number): void => {
    if (!group) return;
    if (set) {
      (set as OpenSet).inspector.addSetFault(
        setFault('2', 'the trailer of the transaction set is missing', { segment: (set as OpenSet).inspector.position(), segmentId: 'SE' }),
      );
      closeSet(at);
    }
    const { faults, functionalId, troubled } = group;
    const isRejected = faults.length > 0;
    if (isRejected) groups.reject(groupCount - 1, faults);
    // An acknowledgement is not acknowledged.
    if ((isRejected || troubled) && functionalId !== 'FA' && acknowledgements.size < mostAcknowledgements) {
      const faultCodes = faults.map(({ code }) => code.slice('999-AK9-'.length));
      acknowledgements.set(groupCount - 1, write999(isa, { ...group, rejected: isRejected, faultCodes }, nowMs));
    }
    group = null;
  };
  const openSet = (segment: SegmentPlace): void => {
    const open = group as OpenGroup;
    const at = (position: number): string => elementAt(segment, position, separator);
    const version = at(3) === '' ? open.version : at(3);
    const kind = version.startsWith('005010X223') ? 'institutional' : 'professional';
    const envelopeBytes = isa.bytes + open.bytes + segment.end - segment.from + 2;
    const inspector = inspectSet({ delimiters, kind, envelopeBytes, claims, firstClaim: nextClaim });
    const place = { segment: 1, segmentId: 'ST' };
    const spec = segmentSpecs.get(ST as SegmentCode);
    const isRead = open.isRead;
    const malformed = isRead && spec ? checkElements(segment, spec, delimiters) : null;
    if (malformed)
      inspector.addSetFault(
        setFault(malformed.element === 1 ? '6' : '7', 'the element of ST is missing or malformed', {
          ...place,
          element: malformed.element,
        }),
      );
    else if (isRead && at(1) !== '837')
      inspector.addSetFault(setFault('1', 'not a transaction set that is read', { ...place, element: 1 }));
    else if (isRead && version !== open.version)
      inspector.addSetFault(setFault('I6', 'another version than that of the group', { ...place, element: 3 }));
    if (isRead && !open.controls.add(at(2)))
      inspector.addSetFault(setFault('23', 'the control number came before in the group', { ...place, element: 2 }));
    open.found++;
    setCount++;
    set = { control: at(2), version, inspector };
  };
  const endSet = (segment: SegmentPlace, after: number): void => {
    const { inspector, control } = set as OpenSet;
    if (!(group as unknown as OpenGroup).isRead) return closeSet(after);
    const at = (position: number): string => elementAt(segment, position, separator);
    const position = inspector.position() + 1;
    const place = { segment: position, segmentId: 'SE' };
    if (Number(at(1)) !== position || !/^\d+$/.test(at(1)))
      inspector.addSetFault(setFault('4', `SE01 is not ${position}, the number of segments`, { ...place, element: 1 }));
    if (at(2) !== control) inspector.addSetFault(setFault('3', 'SE02 is not ST02', { ...place, element: 2 }));
    closeSet(after);
  };
  const endGroup = (segment: SegmentPlace, after: number): void => {
    const open = group as OpenGroup;
    const at = (position: number): string => elementAt(segment, position, separator);
    const fault = (code: string, element: number, detail: string): void =>
      void open.faults.push(finding(`999-AK9-${code}`, detail, { segment: segments, segmentId: 'GE', element }));
    open.included = Number(at(1)) || 0;
    if (open.included !== open.found || !/^\d+$/.test(at(1))) fault('5', 1, `GE01 is not ${open.found}, the number of transaction sets`);
    if (at(2) !== open.control) fault('4', 2, 'GE02 is not GS06');
    closeGroup(after);
  };
  const endInterchange = (segment: SegmentPlace): void => {
    const at = (position: number): string => elementAt(segment, position, separator);
    if (Number(at(1)) !== groupCount || !/^\d+$/.test(at(1)))
      rejectAll('021', `IEA01 is not ${groupCount}, the number of groups`, { segmentId: 'IEA', element: 1 });
    if (at(2) !== isa.elements[12]) rejectAll('001', 'IEA02 is not ISA13', { segmentId: 'IEA', element: 2 });
    ended = true;
  };
  const missingGroupTrailer = (): void =>
    void group?.faults.push(finding('999-AK9-3', 'the trailer of the group is missing', { segment: segments, segmentId: 'GE' }));

  const takeControl = (segment: SegmentPlace, at: number): void => {
    const { code } = segment;
    const after = at + segment.end - segment.from + 1;
    if (code === SE && set) endSet(segment, after);
    else if (code === ST && group) {
      if (set) {
        (set as OpenSet).inspector.addSetFault(
          setFault('2', 'the trailer of the transaction set is missing', {
            segment: (set as OpenSet).inspector.position(),
            segmentId: 'SE',
          }),
        );
        closeSet(at);
      }
      openSet(segment);
    } else if (code === GE && group) endGroup(segment, after);
    else if (code === GS || code === IEA) {
      if (group) missingGroupTrailer();
      closeGroup(at);
      if (code === IEA) endInterchange(segment);
      else {
        groupCount++;
        openGroup(segment);
      }
    } else rejectAll('022', 'a segment stands outside its envelope', { segmentId: idOf(code) });
  };
  const isControl = (code: SegmentCode): boolean => code === SE || code === ST || code === GE || code === GS || code === IEA;

  return {
    push(buffer, at) {
      const taken = scanSegments(buffer, delimiters, (segment) => {
        const { code } = segment;
        if (ended) return false;
        if (code === ISA) {
          rejectAll('023', 'another interchange begins before this one ended', { segmentId: 'ISA' });
          ended = true;
          return false;
        }
        segments++;
        if (set && !isControl(code)) {
          const { inspector } = set as OpenSet;
          if ((group as unknown as OpenGroup).isRead) inspector.take(segment, at + segment.from);
          else inspector.pass(code);
        } else takeControl(segment, at + segment.from);
        return true;
      });
      return { taken, ended };
    },
    overflow: () => rejectAll('004', 'a segment has no end'),
    end(at) {
      if (!ended) rejectAll('023', 'the input ends within the interchange', { segmentId: 'IEA' });
      if (group) missingGroupTrailer();
      closeGroup(at);
      const ta1 = findings.length > 0 ? writeTa1(isa, note, nowMs) : Buffer.alloc(0);
      return { findings, ta1, groups, sets, claims, acknowledgements };
    },
  };
}
