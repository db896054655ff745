import { elementCode } from './element-at.ts';
import { createCodeTable, type CodeTable } from './code-table.ts';
import { codeOf, type SegmentCode } from './scan-segments.ts';

/**
 * The loops of an 837 as far as they tell where a segment may stand. Numbers grow in the order in which loops follow each
 * other inside a claim. @see ASC X12 005010X222A1, 005010X223A2
 */
export const loops = {
  header: 0,
  billing: 1,
  subscriber: 2,
  patient: 3,
  claim: 4,
  claimName: 5,
  otherSubscriber: 6,
  otherName: 7,
  line: 8,
  drug: 9,
  lineName: 10,
  lineAdjudication: 11,
  form: 12,
} as const;

export type Loop = (typeof loops)[keyof typeof loops];

/** Segments in their order in the loop; `|` = one or the other. */
const orders: Readonly<Record<keyof typeof loops, string>> = {
  header: 'BHT REF',
  billing: 'HL PRV CUR',
  subscriber: 'HL SBR PAT',
  patient: 'HL PAT',
  claim: 'CLM DTP CL1 PWK CN1 AMT REF K3 NTE CR1 CR2 CR3 CRC HI HCP',
  claimName: 'NM1 PRV N2 N3 N4 DMG REF PER',
  otherSubscriber: 'SBR CAS AMT DMG OI MIA MOA',
  otherName: 'NM1 PRV N2 N3 N4 DMG DTP REF PER',
  line: 'LX SV1|SV2 SV5 PWK CR1 CR3 CRC DTP QTY MEA CN1 REF AMT K3 NTE PS1 HCP',
  drug: 'LIN CTP REF',
  lineName: 'NM1 PRV N2 N3 N4 DMG REF PER',
  lineAdjudication: 'SVD CAS DTP AMT',
  form: 'LQ FRM',
};

/** Segments of the names below HL and of the header, which have one order everywhere. */
const nameOrder = 'NM1 PRV N2 N3 N4 DMG REF PER';

export type Ranks = CodeTable<number>;

const ranksOf = (order: string): Ranks =>
  createCodeTable(order.split(' ').flatMap((ids, rank) => ids.split('|').map((id) => [codeOf(id), rank] as const)));

export const loopRanks: readonly Ranks[] = Object.keys(loops).map((loop) => ranksOf(orders[loop as keyof typeof loops]));
export const nameRanks: Ranks = ranksOf(nameOrder);

/** Segments that may stand once only in their loop, of those that decide who and where somebody is. */
export const onceOnly: ReadonlySet<SegmentCode> = new Set(['N3', 'N4', 'DMG', 'SBR', 'BHT', 'SV1', 'SV2', 'OI', 'CL1'].map(codeOf));

const names = (text: string): ReadonlySet<number> => new Set(text.split(' ').map(elementCode));
/** NM101 by where the name stands. */
export const nameCodes: Readonly<
  Record<'header' | 'billing' | 'subscriber' | 'patient' | 'claim' | 'other' | 'line', ReadonlySet<number>>
> = {
  header: names('41 40'),
  billing: names('85 87 PE'),
  subscriber: names('IL PR'),
  patient: names('QC'),
  claim: names('DN P3 82 77 DQ PW 45 71 72 ZZ DK 85'),
  other: names('IL PR DN P3 82 77 DQ 85 71 72 ZZ'),
  line: names('82 QB 77 DQ DK DN P3 PW 45 71 72 ZZ'),
};
