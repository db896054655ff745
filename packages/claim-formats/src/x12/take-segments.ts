import { createProblems, diagnosisOf, isPlainCode, mostLines, type Problems } from '../read/claim-read.ts';
import { readCents, readPayerCents, type AmountPlace } from '../read/read-amount.ts';
import { aLine, readPeriod, readUnits, type LineReading, type PayerReading } from './claim-reading.ts';
import { codeOf } from './scan-segments.ts';
import { componentAt, componentsFrom, takersOf, type Segment } from './segments-of.ts';

const SV1 = codeOf('SV1');

/** A claim while its segments go by. */
export interface ClaimReading {
  readonly institutional: boolean;
  readonly component: string;
  readonly problems: Problems;
  claimId: string;
  /** Null = it cannot be read. */
  totalCents: number | null;
  /** Place of service or facility type: CLM05-1. */
  place: string;
  /** CLM05-3. */
  frequencyCode: string;
  /** Related causes: CLM11. */
  causes: string;
  principal: string;
  readonly diagnoses: string[];
  drg: string;
  authorization: string;
  /** REF*G1 of lines. */
  readonly lineAuthorizations: { readonly line: number; readonly authorization: string }[];
  original: string;
  rendering: string;
  statement: readonly [from: number, to: number] | null;
  /** Kinds of dates that are told, but for those of service. */
  readonly dates: string[];
  readonly lines: LineReading[];
  readonly payers: PayerReading[];
  payer: PayerReading | null;
  line: LineReading | null;
  /** Payer of the last SVD. */
  decidedBy: PayerReading | null;
  /** All that other payers told so far, signs left out. */
  payerCents: number;
  /** More lines came than a claim may have: nothing after them is read. */
  isFull: boolean;
}

/** A claim of which nothing was read. @param component  the separator of components */
export const createClaimReading = (kind: 'institutional' | 'professional', component: string): ClaimReading => ({
  institutional: kind === 'institutional',
  component,
  problems: createProblems(),
  claimId: '',
  totalCents: 0,
  place: '',
  frequencyCode: '',
  causes: '',
  principal: '',
  diagnoses: [],
  drg: '',
  authorization: '',
  lineAuthorizations: [],
  original: '',
  rendering: '',
  statement: null,
  dates: [],
  lines: [],
  payers: [],
  payer: null,
  line: null,
  decidedBy: null,
  payerCents: 0,
  isFull: false,
});

function takeClaim(reading: ClaimReading, segment: Segment): void {
  reading.claimId = segment.at(1);
  reading.totalCents = readCents(segment.at(2), { field: 'CLM02', line: 0, problems: reading.problems });
  const place = segment.at(5);
  reading.place = componentAt(place, 1, reading.component);
  reading.frequencyCode = componentAt(place, 3, reading.component);
  reading.causes = segment.at(11);
  if (reading.place === '' || reading.frequencyCode === '') reading.problems.add('2', 'MISSING_ELEMENT', 'CLM05');
}

function takeDate(reading: ClaimReading, segment: Segment): void {
  const kind = segment.at(1);
  // The date on which another payer decided is no date of service.
  if (reading.payer && !reading.line) return;
  if (kind !== '472') reading.dates.push(kind);
  if (kind !== '472' && kind !== '434') return;
  const period = readPeriod(segment.at(2), segment.at(3));
  if (period === null) reading.problems.add('2', 'BAD_DATE', `DTP*${kind}`, reading.line?.line ?? 0);
  else if (reading.line) [reading.line.serviceFrom, reading.line.serviceTo] = period;
  else reading.statement = period;
}

function takeDiagnoses(reading: ClaimReading, segment: Segment): void {
  for (let position = 1; position <= segment.last(); position++) {
    const element = segment.at(position);
    const qualifier = componentAt(element, 1, reading.component);
    const code = componentAt(element, 2, reading.component);
    if (qualifier === 'ABK' || qualifier === 'BK') reading.principal ||= diagnosisOf(code);
    else if (qualifier === 'ABF' || qualifier === 'BF') reading.diagnoses.push(diagnosisOf(code));
    else if (qualifier === 'DR') reading.drg = code;
  }
}

function takeName(reading: ClaimReading, segment: Segment): void {
  const { payer, line } = reading;
  const code = segment.at(1);
  if (code === 'PR' && payer && !line) payer.payerId = segment.at(9);
  const isRendering = code === '82' || (code === '71' && reading.institutional);
  if (!isRendering || segment.at(8) !== 'XX' || (payer && !line)) return;
  if (line) line.renderingProviderId = segment.at(9);
  else reading.rendering = segment.at(9);
}

function takeReference(reading: ClaimReading, segment: Segment): void {
  const { line, payer } = reading;
  const kind = segment.at(1);
  if (payer && !line) return;
  if (kind === 'G1' && line) reading.lineAuthorizations.push({ line: line.line, authorization: segment.at(2) });
  else if (kind === 'G1') reading.authorization = segment.at(2);
  else if (kind === 'F8' && !line) reading.original = segment.at(2);
}

/** So much of other payers is counted: sums of it stay exact. */
const mostPayerCents = 1_000_000_000_000_000;

/** An amount of another payer, where all of them together can still be counted; null where it cannot be read. */
function counted(reading: ClaimReading, cents: number | null, place: AmountPlace): number | null {
  if (cents === null) return null;
  reading.payerCents += Math.abs(cents);
  if (reading.payerCents <= mostPayerCents) return cents;
  if (!reading.problems.has('AMOUNT_RANGE')) place.problems.add('workflow', 'AMOUNT_RANGE', place.field, place.line);
  return 0;
}

/** CAS holds up to six triples of reason, amount and quantity. */
function takeAdjustments(reading: ClaimReading, segment: Segment): void {
  const payer = reading.line ? reading.decidedBy : reading.payer;
  if (!payer) return;
  const line = reading.line?.line ?? 0;
  const group = segment.at(1);
  for (let position = 2; position <= segment.last(); position += 3) {
    const carc = segment.at(position);
    if (carc === '') continue;
    const place = { field: `CAS${String(position + 1).padStart(2, '0')}`, line, problems: reading.problems };
    const cents = counted(reading, readCents(segment.at(position + 1), place), place) ?? 0;
    payer.adjustments.push({ line, group, carc, cents });
  }
}

function takeAmount(reading: ClaimReading, segment: Segment): void {
  const { payer, line, problems } = reading;
  const kind = segment.at(1);
  if (!payer || line || (kind !== 'D' && kind !== 'EAF' && kind !== 'B6')) return;
  const place = { field: `AMT*${kind}`, line: 0, problems };
  const cents = counted(reading, readPayerCents(segment.at(2), place), place) ?? 0;
  if (kind === 'D') payer.paidCents = cents;
  else if (kind === 'EAF') payer.patientCents = cents;
  else payer.allowedCents = cents;
}

function isBlank(segment: Segment): boolean {
  for (let position = 1; position <= segment.last(); position++) if (segment.at(position) !== '') return false;
  return true;
}

const mostModifiers = 4;

/** Of the diagnoses that a claim may have. */
function pointersIn(element: string, component: string): readonly number[] {
  const pointers: number[] = [];
  for (let from = 0, end = 0; end >= 0; from = end + 1) {
    end = element.indexOf(component, from);
    const pointer = Number(end < 0 ? element.slice(from) : element.slice(from, end));
    if (pointer >= 1 && pointer <= 12) pointers.push(pointer);
  }
  return pointers;
}

function takeService({ line, problems, component }: ClaimReading, segment: Segment): void {
  if (!line) return;
  // Nothing to read: that the line is empty is told once, with the claim.
  if (isBlank(segment)) return;
  const isProfessional = segment.code === SV1;
  const at = isProfessional ? 1 : 2;
  const procedure = segment.at(at);
  const code = componentAt(procedure, 2, component);
  line.procedureCode = isPlainCode(code) ? code : code.toUpperCase();
  const modifiers = componentsFrom(procedure, 3, component);
  line.modifiers = modifiers.length > mostModifiers ? modifiers.slice(0, mostModifiers) : modifiers;
  line.chargeCents = readCents(segment.at(at + 1), { field: isProfessional ? 'SV102' : 'SV203', line: line.line, problems }) ?? 0;
  readUnits(line, { basis: segment.at(at + 2), units: segment.at(at + 3) }, { field: isProfessional ? 'SV104' : 'SV205', problems });
  if (!isProfessional) line.revenueCode = segment.at(1);
  else {
    line.placeOfService = segment.at(5);
    line.diagnosisPointers = pointersIn(segment.at(7), component);
  }
}

function takeDecision(reading: ClaimReading, segment: Segment): void {
  const { line, payers, problems } = reading;
  if (!line) return;
  const payerId = segment.at(1);
  const place = { field: 'SVD02', line: line.line, problems };
  line.priorPaidCents = (line.priorPaidCents ?? 0) + (counted(reading, readPayerCents(segment.at(2), place), place) ?? 0);
  reading.decidedBy = payers.find((payer) => payer.payerId === payerId) ?? null;
}

function takePayer(reading: ClaimReading, segment: Segment): void {
  const sequence = segment.at(1) === 'S' || segment.at(1) === 'T' ? (segment.at(1) as 'S' | 'T') : 'P';
  reading.payer = { payerId: '', sequence, paidCents: null, patientCents: null, allowedCents: null, adjustments: [] };
  reading.payers.push(reading.payer);
}

function takeLine(reading: ClaimReading): void {
  if (reading.lines.length === mostLines) {
    reading.isFull = true;
    return;
  }
  reading.line = aLine(reading.lines.length + 1);
  reading.lines.push(reading.line);
  reading.decidedBy = null;
}

/** Beyond the most lines nothing is read: what stands there would be taken for the last line's. */
const unlessFull =
  (take: (reading: ClaimReading, segment: Segment) => void) =>
  (reading: ClaimReading, segment: Segment): void => {
    if (!reading.isFull) take(reading, segment);
  };

/** What each segment of a claim adds to its reading; the others are passed over. */
export const takers = takersOf<ClaimReading>({
  CLM: takeClaim,
  DTP: unlessFull(takeDate),
  HI: takeDiagnoses,
  NM1: unlessFull(takeName),
  REF: unlessFull(takeReference),
  SBR: takePayer,
  CAS: unlessFull(takeAdjustments),
  AMT: takeAmount,
  LX: unlessFull(takeLine),
  SV1: unlessFull(takeService),
  SV2: unlessFull(takeService),
  SVD: unlessFull(takeDecision),
});
