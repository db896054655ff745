import { finding, type Finding } from '../split/piece.ts';
import { createBoundaryList, isBoundary, type BoundaryList } from './boundary-list.ts';
import { checkElements } from './check-elements.ts';
import { elementAt } from './element-at.ts';
import { inspectGroup, type GroupInspector, type InterchangeFindings } from './inspect-group.ts';
import type { Isa } from './isa.ts';
import { codeOf, idOf, scanSegments, type SegmentCode, type ScannedSegment, type SegmentPlace } from './scan-segments.ts';
import { createSeenNumbers } from './seen-numbers.ts';
import { segmentSpecs } from './segment-specs.ts';
import { createVerdicts, type Verdicts } from './verdicts.ts';
import { writeTa1 } from './write-acknowledgement.ts';

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
  readonly boundaries: BoundaryList;
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

const [ISA, GS, IEA] = ['ISA', 'GS', 'IEA'].map(codeOf);
const gsSpec = segmentSpecs.get(GS as SegmentCode);
/** So many findings of an envelope are told. */
const mostFindings = 20;

const emptyFindings = (): InterchangeFindings => ({
  groups: createVerdicts(finding('999-AK9-1', 'one group of more than are told')),
  sets: createVerdicts(finding('999-IK5-5', 'one transaction set of more than are told')),
  claims: createVerdicts(finding('999-IK5-5', 'one claim of more than are told')),
  acknowledgements: new Map(),
  nextSet: 0,
  nextClaim: 0,
});

/** @param of  time of the acknowledgements; whether ISA13 came before in the input */
export function inspectInterchange(
  isa: Isa,
  { nowMs, duplicate }: { readonly nowMs: number; readonly duplicate: boolean },
): InterchangeInspector {
  const { delimiters } = isa;
  const findings: Finding[] = [];
  const inner = emptyFindings();
  const boundaries = createBoundaryList();
  const groupControls = createSeenNumbers();
  let note = '';
  let segments = 1;
  let groupCount = 0;
  let group: GroupInspector | null = null;
  let ended = false;

  const rejectAll = (code: string, detail: string, place: Partial<Finding> = {}): void => {
    note ||= code;
    if (findings.length < mostFindings) findings.push(finding(`TA1-${code}`, detail, { segment: segments, ...place }));
  };
  if (isa.note !== null) rejectAll(isa.note, 'the element of ISA is not as it must be', { segmentId: 'ISA', element: isa.element });
  if (duplicate) rejectAll('025', 'the interchange control number came before in this input', { segmentId: 'ISA', element: 13 });

  const at = (segment: SegmentPlace, position: number): string => elementAt(segment, position, delimiters.element);
  const closeGroup = (after: number): void => {
    group?.endWithoutTrailer(after, segments);
    group = null;
  };
  const openGroup = (segment: ScannedSegment): void => {
    const malformed = gsSpec ? checkElements(segment, gsSpec, delimiters) : null;
    if (malformed) rejectAll('024', 'an element of GS is missing or malformed', { segmentId: 'GS', element: malformed.element });
    const isRepeated = !groupControls.add(at(segment, 6));
    group = inspectGroup(segment, { isa, nowMs, number: groupCount++, segment: segments, duplicate: isRepeated, findings: inner });
  };
  const endInterchange = (segment: SegmentPlace): void => {
    const [count, control] = [at(segment, 1), at(segment, 2)];
    if (!/^\d+$/.test(count) || Number(count) !== groupCount) {
      rejectAll('021', `IEA01 is not ${groupCount}, the number of groups`, { segmentId: 'IEA', element: 1 });
    }
    if (control !== isa.elements[12]) rejectAll('001', 'IEA02 is not ISA13', { segmentId: 'IEA', element: 2 });
    ended = true;
  };
  const takeOutside = (segment: ScannedSegment, place: number): void => {
    const { code } = segment;
    if (code !== GS && code !== IEA) return rejectAll('022', 'a segment stands outside its envelope', { segmentId: idOf(code) });
    closeGroup(place);
    if (code === GS) openGroup(segment);
    else endInterchange(segment);
  };

  return {
    push(buffer, base) {
      const taken = scanSegments(buffer, delimiters, (segment) => {
        if (ended) return false;
        if (segment.code === ISA) {
          rejectAll('023', 'another interchange begins before this one ended', { segmentId: 'ISA' });
          ended = true;
          return false;
        }
        segments++;
        const place = base + segment.from;
        if (isBoundary(segment.code)) boundaries.add(segment.code, place, segments);
        const done = group === null ? null : group.take(segment, place, segments);
        if (done === 'ended') group = null;
        else if (done === null) takeOutside(segment, place);
        return true;
      });
      return { taken, ended };
    },
    overflow: () => rejectAll('004', 'a segment has no end'),
    end(after) {
      if (!ended) rejectAll('023', 'the input ends within the interchange', { segmentId: 'IEA' });
      closeGroup(after);
      const { groups, sets, claims, acknowledgements } = inner;
      const ta1 = findings.length > 0 ? writeTa1(isa, note, nowMs) : Buffer.alloc(0);
      return { findings, ta1, groups, sets, claims, boundaries, acknowledgements };
    },
  };
}
