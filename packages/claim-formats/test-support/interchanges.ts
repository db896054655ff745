/** Segments of a transaction set between ST and SE, written with `*` and `:`. */
export type SetBody = readonly string[];

/** Header and billing provider: segments 2 to 10 of a set (ST is 1). */
export const header: SetBody = [
  'BHT*0019*00*0123*20260301*1023*CH',
  'NM1*41*2*EXAMPLE BILLING*****46*TGJ23',
  'PER*IC*JERRY*TE*3055552222',
  'NM1*40*2*EXAMPLE PLAN*****46*66783JJT',
  'HL*1**20*1',
  'NM1*85*2*EXAMPLE CLINIC*****XX*1234567893',
  'N3*234 SEAWAY ST',
  'N4*MIAMI*FL*331110000',
  'REF*EI*587654321',
];

/** A subscriber who is the patient: segments 11 to 17 where it follows the header. */
export const subscriber: SetBody = [
  'HL*2*1*22*0',
  'SBR*P*18*GRP77******CI',
  'NM1*IL*1*DOE*JOHN****MI*POL123',
  'N3*1 MAIN STREET',
  'N4*SPRINGFIELD*OH*45501',
  'DMG*D8*19700102*M',
  'NM1*PR*2*EXAMPLE PLAN*****PI*87726',
];

/** A claim of 150.00 in one line: segments 18 to 22 where it follows the subscriber. */
export const claim = (id = 'CLM1'): SetBody => [
  `CLM*${id}*150***11:B:1*Y*A*Y*Y`,
  'HI*ABK:I10*ABF:E119',
  'LX*1',
  'SV1*HC:99213:25*150*UN*1***1:2',
  'DTP*472*D8*20260215',
];

/** Header, one subscriber, one claim: 23 segments with ST and SE. */
export const oneClaim: SetBody = [...header, ...subscriber, ...claim()];

/** An institutional claim of two lines, 89.93 in all, below the subscriber. */
export const institutionalClaim: SetBody = [
  'CLM*HOSP1*89.93***14:A:1*Y*A*Y*Y',
  'DTP*434*RD8*20260211-20260213',
  'CL1*3**01',
  'HI*ABK:I10',
  'HI*DR:460',
  'NM1*71*1*JONES*JOHN****XX*1999998888',
  'LX*1',
  'SV2*0305*HC:85025*13.39*UN*1',
  'DTP*472*D8*20260211',
  'LX*2',
  'SV2*0730*HC:93005*76.54*UN*3',
  'DTP*472*D8*20260213',
];

export interface Interchange {
  /** Groups of sets. */
  readonly groups: readonly (readonly SetBody[])[];
  readonly control?: string;
  readonly version?: string;
  readonly delimiters?: { readonly element: string; readonly component: string; readonly segment: string };
  readonly lineBreak?: string;
}

const pad = (text: string, width: number): string => text.padEnd(width);

/** The segments of an interchange with every count and control number right. */
export function segmentsOf({ groups, control = '000000001', version = '005010X222A1' }: Interchange): string[] {
  const party = (name: string): string => `ZZ*${pad(name, 15)}`;
  const isa = `ISA*00*${pad('', 10)}*00*${pad('', 10)}*${party('SUBMITTER')}*${party('PAYER')}*260301*1023*^*00501*${control}*0*T*:`;
  const groupsText = groups.flatMap((sets, group) => [
    `GS*HC*SUBMITTER*PAYER*20260301*1023*${group + 1}*X*${version}`,
    ...sets.flatMap((body, set) => {
      const number = String(set + 1).padStart(4, '0');
      return [`ST*837*${number}*${version}`, ...body, `SE*${body.length + 2}*${number}`];
    }),
    `GE*${sets.length}*${group + 1}`,
  ]);
  return [isa, ...groupsText, `IEA*${groups.length}*${control}`];
}

/** Segments as bytes of an interchange, with the delimiters asked for. */
export function bytesOfSegments(
  segments: readonly string[],
  { delimiters, lineBreak = '\n' }: Pick<Interchange, 'delimiters' | 'lineBreak'> = {},
): Buffer {
  const { element, component, segment } = delimiters ?? { element: '*', component: ':', segment: '~' };
  const translated = segments.map((text) => text.replaceAll(/[*:]/g, (found) => (found === '*' ? element : component)));
  return Buffer.from(translated.map((text) => text + segment + lineBreak).join(''), 'latin1');
}

export const anInterchange = (of: Interchange): Buffer => bytesOfSegments(segmentsOf(of), of);
/** One professional set of the segments given, in an envelope that fits. */
export const aSet = (body: SetBody, of: Omit<Interchange, 'groups'> = {}): Buffer => anInterchange({ groups: [[body]], ...of });
