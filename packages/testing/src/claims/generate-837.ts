import { createSeededRandom, type SeededRandom } from '../ward/seeded-random.ts';

export interface Generate837Options {
  readonly seed: number;
  readonly claims: number;
  /** Claims of one transaction set; 5,000 is what the guide recommends at most. */
  readonly claimsPerSet?: number;
  readonly linesPerClaim?: number;
  /** Between segments, beside the terminator. */
  readonly lineBreak?: '' | '\n' | '\r\n';
  /** ISA13, from 1. */
  readonly interchangeControl?: number;
}

const lastNames = ['GARCIA', 'SMITH', 'JOHNSON', 'NGUYEN', 'OKAFOR', 'MUELLER', 'KIM', 'ROSSI'] as const;
const firstNames = ['ANNA', 'JOHN', 'MARIA', 'WEI', 'AMARA', 'PETER', 'LUCIA', 'DAVID'] as const;
const procedures: readonly [readonly [string, number], ...(readonly [string, number])[]] = [['99213', 9800], ['99214', 14_500], ['85025', 1850], ['80053', 2900], ['93000', 3200], ['71046', 5400]]; // prettier-ignore
const diagnoses = ['I10', 'E119', 'J0190', 'M545', 'E785', 'N390'] as const;

const money = (cents: number): string => `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
const digits = (random: SeededRandom, count: number): string =>
  Array.from({ length: count }, () => Math.floor(random.next() * 10)).join('');
const pad = (text: string, width: number): string => text.padEnd(width);

function* claimSegments(random: SeededRandom, number: number, lines: number): Generator<string> {
  const services = Array.from({ length: lines }, () => ({ service: random.pick(procedures), units: random.chance(0.8) ? 1 : 2 }));
  const total = services.reduce((sum, { service, units }) => sum + service[1] * units, 0);
  yield `CLM*CLM${String(number).padStart(9, '0')}*${money(total)}***11:B:1*Y*A*Y*Y`;
  yield `REF*D9*${digits(random, 15)}`;
  yield `HI*ABK:${random.pick(diagnoses)}*ABF:${random.pick(diagnoses)}`;
  yield `NM1*82*1*${random.pick(lastNames)}*${random.pick(firstNames)}****XX*1${digits(random, 9)}`;
  yield 'PRV*PE*PXC*207Q00000X';
  for (const [index, { service, units }] of services.entries()) {
    yield `LX*${index + 1}`;
    yield `SV1*HC:${service[0]}*${money(service[1] * units)}*UN*${units}***1:2`;
    yield `DTP*472*D8*2026${String(1 + Math.floor(random.next() * 12)).padStart(2, '0')}${String(1 + Math.floor(random.next() * 28)).padStart(2, '0')}`;
    yield `REF*6R*${digits(random, 10)}`;
  }
}

/** A subscriber, about every fifth with a dependent who is the patient. @returns the next HL number */
function* memberSegments(random: SeededRandom, hl: number): Generator<string, number> {
  const hasDependent = random.chance(0.2);
  const last = random.pick(lastNames);
  yield `HL*${hl}*1*22*${hasDependent ? 1 : 0}`;
  yield `SBR*P*${hasDependent ? '' : '18'}*GRP${digits(random, 5)}******CI`;
  yield `NM1*IL*1*${last}*${random.pick(firstNames)}****MI*POL${digits(random, 9)}`;
  yield `N3*${digits(random, 3)} MAIN STREET`;
  yield `N4*SPRINGFIELD*OH*45${digits(random, 3)}`;
  yield `DMG*D8*19${40 + Math.floor(random.next() * 50)}0${1 + Math.floor(random.next() * 9)}15*${random.chance(0.5) ? 'F' : 'M'}`;
  yield 'NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*87726';
  if (!hasDependent) return hl + 1;
  yield `HL*${hl + 1}*${hl}*23*0`;
  yield 'PAT*19';
  yield `NM1*QC*1*${last}*${random.pick(firstNames)}`;
  yield `N3*${digits(random, 3)} MAIN STREET`;
  yield `N4*SPRINGFIELD*OH*45${digits(random, 3)}`;
  yield `DMG*D8*20${10 + Math.floor(random.next() * 10)}0${1 + Math.floor(random.next() * 9)}15*${random.chance(0.5) ? 'F' : 'M'}`;
  return hl + 2;
}

function* setSegments(random: SeededRandom, { first, claims, lines }: { first: number; claims: number; lines: number }): Generator<string> {
  yield 'BHT*0019*00*0123*20260301*1023*CH';
  yield 'NM1*41*2*EXAMPLE BILLING SERVICE*****46*TGJ23';
  yield 'PER*IC*JERRY*TE*3055552222*EX*231';
  yield 'NM1*40*2*EXAMPLE HEALTH PLAN*****46*66783JJT';
  yield 'HL*1**20*1';
  yield 'PRV*BI*PXC*203BF0100Y';
  yield 'NM1*85*2*EXAMPLE CLINIC*****XX*1234567893';
  yield 'N3*234 SEAWAY ST';
  yield 'N4*MIAMI*FL*331110000';
  yield 'REF*EI*587654321';
  let hl = 2;
  for (let claim = 0; claim < claims; claim++) {
    hl = yield* memberSegments(random, hl);
    yield* claimSegments(random, first + claim, lines);
  }
}

/** An interchange of professional claims, as a clearing house would send it: the same seed gives the same bytes. */
export function* generate837(options: Generate837Options): Generator<Buffer> {
  const { seed, claims, claimsPerSet = 5000, linesPerClaim = 3, lineBreak = '\n', interchangeControl = 1 } = options;
  const random = createSeededRandom(seed);
  const control = String(interchangeControl).padStart(9, '0');
  const end = `~${lineBreak}`;
  yield Buffer.from(
    `ISA*00*${pad('', 10)}*00*${pad('', 10)}*ZZ*${pad('SUBMITTER', 15)}*ZZ*${pad('PAYER', 15)}*260301*1023*^*00501*${control}*0*T*:${end}` +
      `GS*HC*SUBMITTER*PAYER*20260301*1023*1*X*005010X222A1${end}`,
  );
  let sets = 0;
  for (let first = 0; first < claims; first += claimsPerSet) {
    const set = String(++sets).padStart(4, '0');
    let text = `ST*837*${set}*005010X222A1${end}`;
    let count = 1;
    for (const segment of setSegments(random, { first, claims: Math.min(claimsPerSet, claims - first), lines: linesPerClaim })) {
      text += segment + end;
      count++;
      if (text.length < 64 * 1024) continue;
      yield Buffer.from(text);
      text = '';
    }
    yield Buffer.from(`${text}SE*${count + 1}*${set}${end}`);
  }
  yield Buffer.from(`GE*${sets}*1${end}IEA*1*${control}${end}`);
}
