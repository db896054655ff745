import { createCodeTable, type CodeTable } from './code-table.ts';
import { codeOf, type SegmentCode } from './scan-segments.ts';

/** What an element must be for its segment to be one: X12 syntax, not what a guide asks beyond it. */
export interface ElementSpec {
  /** Number of the data element, for IK4-02; empty for a composite. */
  readonly reference: string;
  readonly required: boolean;
  /** R decimal, N whole number, D date, X anything. */
  readonly type: 'R' | 'N' | 'D' | 'X';
  readonly min: number;
  readonly max: number;
  /** Components, where it is a composite. */
  readonly components: readonly ElementSpec[] | null;
}

const parseElement = (text: string): ElementSpec => {
  const [name = '', type = 'X', min = '0', max = '256'] = text.split(' ');
  const composite = composites[name.replace('!', '')];
  return {
    reference: composite ? '' : name.replace('!', ''),
    required: name.endsWith('!'),
    type: type as ElementSpec['type'],
    min: Number(min),
    max: Number(max),
    components: composite ?? null,
  };
};
const parseElements = (text: string): ElementSpec[] => text.split(',').map((element) => parseElement(element.trim()));

/** Composites of the 837: medical procedure, health care code, location, diagnosis pointers. */
const composites: Record<string, ElementSpec[]> = {};
composites['C003'] = parseElements('235! X 2 2, 234! X 1 48, 1339 X 2 2, 1339 X 2 2, 1339 X 2 2, 1339 X 2 2, 352 X 1 80, 234 X 1 48');
composites['C022'] = parseElements('1270! X 1 3, 1271! X 1 30, 1250 X 2 3, 1251 X 1 35, 782 R 1 18, 380 R 1 15, 799 X 1 30, 1271 X 1 30');
composites['C023'] = parseElements('1331! X 1 2, 1332 X 1 2, 1325 X 1 1');
composites['C004'] = parseElements('1328! N 1 2, 1328 N 1 2, 1328 N 1 2, 1328 N 1 2');

const any = '- X 0 256';
const cas = '1034 X 1 5, 782 R 1 18, 380 R 1 15';
/**
 * Elements by segment: number (`!` = mandatory), type, least and most characters. Segments without an entry are known
 * (`knownSegments`) and not looked into. @see ASC X12 005010 segment directory
 */
const specs: Readonly<Record<string, string>> = {
  GS: '479! X 2 2, 142! X 2 15, 124! X 2 15, 373! D 8 8, 337! N 4 8, 28! N 1 9, 455! X 1 2, 480! X 1 12',
  GE: '97! N 1 6, 28! N 1 9',
  ST: '143! X 3 3, 329! X 4 9, 1705 X 1 35',
  SE: '96! N 1 10, 329! X 4 9',
  IEA: 'I16! N 1 5, I12! N 9 9',
  BHT: '1005! X 4 4, 353! X 2 2, 127 X 1 50, 373 D 8 8, 337 N 4 8, 640 X 2 2',
  NM1: `98! X 2 3, 1065! X 1 1, 1035 X 1 60, 1036 X 1 35, 1037 X 1 25, 1038 X 1 10, 1039 X 1 10, 66 X 1 2, 67 X 2 80`,
  PER: '366! X 2 2, 93 X 1 60, 365 X 2 2, 364 X 1 256, 365 X 2 2, 364 X 1 256, 365 X 2 2, 364 X 1 256',
  HL: '628! X 1 12, 734 X 1 12, 735! X 1 2, 736 X 1 1',
  PRV: '1221! X 1 3, 128 X 2 3, 127 X 1 50',
  N3: '166! X 1 55, 166 X 1 55',
  N4: '19 X 2 30, 156 X 2 2, 116 X 3 15, 26 X 2 3',
  REF: '128! X 2 3, 127 X 1 50',
  SBR: '1138! X 1 1, 1069 X 2 2, 127 X 1 50, 93 X 1 60, 1336 X 1 3, 1143 X 1 1, 1073 X 1 1, 584 X 2 2, 1032 X 1 2',
  DMG: '1250 X 2 3, 1251 X 1 35, 1068 X 1 1',
  CLM: `1028! X 1 38, 782 R 1 18, 1032 X 1 2, 1343 X 1 2, C023, 1073 X 1 1, 1359 X 1 1, 1073 X 1 1, 1363 X 1 1, 1351 X 1 1`,
  DTP: '374! X 3 3, 1250! X 2 3, 1251! X 1 35',
  CL1: '1315 X 1 1, 1314 X 1 1, 1352 X 1 2',
  PWK: '755! X 2 2, 756 X 1 2',
  CN1: '1166! X 2 2, 782 R 1 18',
  AMT: '522! X 1 3, 782! R 1 18',
  HI: `C022!, ${Array.from({ length: 11 }, () => 'C022').join(', ')}`,
  CAS: `1033! X 1 2, 1034! X 1 5, 782! R 1 18, 380 R 1 15, ${cas}, ${cas}, ${cas}, ${cas}, ${cas}`,
  LX: '554! N 1 6',
  SV1: `C003!, 782 R 1 18, 355 X 2 2, 380 R 1 15, 1331 X 1 2, ${any}, C004`,
  SV2: '234 X 1 48, C003, 782 R 1 18, 355 X 2 2, 380 R 1 15',
  SVD: '67! X 2 80, 782! R 1 18, C003, 234 X 1 48, 380 R 1 15',
  QTY: '673! X 2 2, 380 R 1 15',
  LIN: '350 X 1 20, 235! X 2 2, 234! X 1 48',
  CTP: `${any}, ${any}, ${any}, 380 R 1 15`,
};

export interface SegmentSpec {
  readonly elements: readonly ElementSpec[];
  /** Index of the last mandatory element; -1 = none. */
  readonly lastRequired: number;
}

const specOf = (text: string): SegmentSpec => {
  const elements = parseElements(text);
  return { elements, lastRequired: elements.findLastIndex(({ required }) => required) };
};

export const segmentSpecs: CodeTable<SegmentSpec> = createCodeTable(
  Object.entries(specs).map(([id, elements]) => [codeOf(id), specOf(elements)] as const),
);

/** Every segment that an 837 may hold between ST and SE. */
export const knownSegments: ReadonlySet<SegmentCode> = new Set(
  (
    'BHT NM1 N2 N3 N4 PER REF HL PRV CUR SBR PAT DMG CLM DTP CL1 PWK CN1 AMT K3 NTE CR1 CR2 CR3 CR5 CR6 CRC HI HCP ' +
    'CAS OI MIA MOA LX SV1 SV2 SV3 SV4 SV5 SV6 SV7 MEA PS1 QTY LIN CTP SVD LQ FRM TOO DN1 DN2 HSD DSB UR IMM IM MTX'
  )
    .split(' ')
    .map(codeOf),
);
