import type { ClaimReceived } from '@vigil/contracts';
import type { ParsedClaim, ParsedLine, ParsedPriorPayer } from '../parsed-claim.ts';
import {
  createProblems,
  diagnosisOf,
  isClaimId,
  mostLines,
  mostProfessionalLines,
  unreadable,
  type ClaimRead,
  type Problems,
} from '../read/claim-read.ts';
import { aLine, amountOf, readPeriod, readUnits, type LineReading, type PayerReading } from './claim-reading.ts';
import { readContext, type X12Context } from './read-context.ts';
import { codeOf } from './scan-segments.ts';
import { componentAt, componentsFrom, createSegmentWalk, type Segment } from './segments-of.ts';

const frequencies: Readonly<Record<string, ParsedClaim['frequency']>> = { '7': 'replacement', '8': 'void' };
const CLM = codeOf('CLM');
const SV1 = codeOf('SV1');

/** A claim while its segments go by. */
interface Reading {
  readonly institutional: boolean;
  readonly component: string;
  readonly problems: Problems;
  claimId: string;
  totalCents: number;
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
}

function takeClaim(reading: Reading, segment: Segment): void {
  reading.claimId = segment.at(1);
  reading.totalCents = amountOf(segment.at(2), 'CLM02', { line: 0, problems: reading.problems });
  const place = segment.at(5);
  reading.place = componentAt(place, 1, reading.component);
  reading.frequencyCode = componentAt(place, 3, reading.component);
  reading.causes = segment.at(11);
  if (reading.place === '' || reading.frequencyCode === '') reading.problems.add('2', 'MISSING_ELEMENT', 'CLM05');
}

function takeDate(reading: Reading, segment: Segment): void {
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

function takeDiagnoses(reading: Reading, segment: Segment): void {
  for (let position = 1; position <= segment.last(); position++) {
    const element = segment.at(position);
    const qualifier = componentAt(element, 1, reading.component);
    const code = componentAt(element, 2, reading.component);
    if (qualifier === 'ABK' || qualifier === 'BK') reading.principal ||= diagnosisOf(code);
    else if (qualifier === 'ABF' || qualifier === 'BF') reading.diagnoses.push(diagnosisOf(code));
    else if (qualifier === 'DR') reading.drg = code;
  }
}

function takeName(reading: Reading, segment: Segment): void {
  const { payer, line } = reading;
  const code = segment.at(1);
  if (code === 'PR' && payer && !line) payer.payerId = segment.at(9);
  const isRendering = code === '82' || (code === '71' && reading.institutional);
  if (!isRendering || segment.at(8) !== 'XX' || (payer && !line)) return;
  if (line) line.renderingProviderId = segment.at(9);
  else reading.rendering = segment.at(9);
}

function takeReference(reading: Reading, segment: Segment): void {
  const { line, payer } = reading;
  const kind = segment.at(1);
  if (payer && !line) return;
  if (kind === 'G1') reading.authorization ||= segment.at(2);
  else if (kind === 'F8' && !line) reading.original = segment.at(2);
}

/** CAS holds up to six triples of reason, amount and quantity. */
function takeAdjustments(reading: Reading, segment: Segment): void {
  const payer = reading.line ? reading.decidedBy : reading.payer;
  if (!payer) return;
  const line = reading.line?.line ?? 0;
  const group = segment.at(1);
  for (let position = 2; position <= segment.last(); position += 3) {
    const carc = segment.at(position);
    if (carc === '') continue;
    const cents = amountOf(segment.at(position + 1), `CAS${String(position + 1).padStart(2, '0')}`, { line, problems: reading.problems });
    payer.adjustments.push({ line, group, carc, cents });
  }
}

function takeAmount({ payer, line, problems }: Reading, segment: Segment): void {
  const kind = segment.at(1);
  if (!payer || line || (kind !== 'D' && kind !== 'EAF' && kind !== 'B6')) return;
  const cents = amountOf(segment.at(2), `AMT*${kind}`, { line: 0, problems });
  if (kind === 'D') payer.paidCents = cents;
  else if (kind === 'EAF') payer.patientCents = cents;
  else payer.allowedCents = cents;
}

function takeService({ line, problems, component }: Reading, segment: Segment): void {
  if (!line) return;
  const isProfessional = segment.code === SV1;
  const id = isProfessional ? 'SV1' : 'SV2';
  const at = isProfessional ? 1 : 2;
  const procedure = segment.at(at);
  line.procedureCode = componentAt(procedure, 2, component).toUpperCase();
  line.modifiers = componentsFrom(procedure, 3, component).slice(0, 4);
  line.chargeCents = amountOf(segment.at(at + 1), `${id}0${at + 1}`, { line: line.line, problems });
  readUnits(line, [segment.at(at + 2), segment.at(at + 3)], { field: `${id}0${at + 3}`, problems });
  if (!isProfessional) line.revenueCode = segment.at(1);
  else {
    line.placeOfService = segment.at(5);
    const pointers = componentsFrom(segment.at(7), 1, component).map(Number);
    line.diagnosisPointers = pointers.filter((pointer) => pointer >= 1 && pointer <= 12);
  }
}

function takeDecision(reading: Reading, segment: Segment): void {
  const { line, payers, problems } = reading;
  if (!line) return;
  const payerId = segment.at(1);
  line.priorPaidCents = (line.priorPaidCents ?? 0) + amountOf(segment.at(2), 'SVD02', { line: line.line, problems });
  reading.decidedBy = payers.find((payer) => payer.payerId === payerId) ?? null;
}

function takePayer(reading: Reading, segment: Segment): void {
  const sequence = segment.at(1) === 'S' || segment.at(1) === 'T' ? (segment.at(1) as 'S' | 'T') : 'P';
  reading.payer = { payerId: '', sequence, paidCents: null, patientCents: null, allowedCents: null, adjustments: [] };
  reading.payers.push(reading.payer);
}

function takeLine(reading: Reading): void {
  reading.line = aLine(reading.lines.length + 1);
  reading.lines.push(reading.line);
  reading.decidedBy = null;
}

const takers: ReadonlyMap<number, (reading: Reading, segment: Segment) => void> = new Map([
  [CLM, takeClaim],
  [codeOf('DTP'), takeDate],
  [codeOf('HI'), takeDiagnoses],
  [codeOf('NM1'), takeName],
  [codeOf('REF'), takeReference],
  [codeOf('SBR'), takePayer],
  [codeOf('CAS'), takeAdjustments],
  [codeOf('AMT'), takeAmount],
  [codeOf('LX'), takeLine],
  [SV1, takeService],
  [codeOf('SV2'), takeService],
  [codeOf('SVD'), takeDecision],
]);
const wanted = new Set(takers.keys());

/** Payers that decided already: those that tell what they paid, or why not. Those after this one are no prior payers. */
function priorPayersOf({ payers, lines }: Reading): ParsedPriorPayer[] {
  const decided = payers.filter(({ paidCents, adjustments }) => paidCents !== null || adjustments.length > 0);
  const byLine = lines.some(({ priorPaidCents }) => priorPaidCents !== null);
  return decided.map(({ paidCents, ...payer }) => ({
    ...payer,
    paidCents:
      paidCents ?? (byLine && decided.length === 1 ? lines.reduce((sum, { priorPaidCents }) => sum + (priorPaidCents ?? 0), 0) : 0),
  }));
}

function checkClaim(reading: Reading, context: X12Context): void {
  const { problems, lines, institutional, totalCents, dates, place } = reading;
  if (context.patient.id === '') problems.add('workflow', 'REQUIRED_FIELD', 'patient_id');
  if (lines.length === 0) problems.add('2', 'NO_LINES', 'LX');
  if (lines.length > (institutional ? mostLines : mostProfessionalLines)) problems.add('2', 'TOO_MANY_LINES', 'LX');
  if (reading.principal === '') problems.add('2', 'MISSING_ELEMENT', 'HI*ABK');
  if (context.providerId === '') problems.add('2', 'MISSING_ELEMENT', 'NM1*85');
  for (const { line, serviceFrom } of lines) {
    if (!institutional && serviceFrom === null && !problems.has('BAD_DATE')) problems.add('2', 'MISSING_ELEMENT', 'DTP*472', line);
  }
  if (institutional && !dates.includes('434')) problems.add('2', 'MISSING_ELEMENT', 'DTP*434');
  if (institutional && place === '11' && !dates.includes('435')) problems.add('4', 'MISSING_SITUATIONAL', 'DTP*435');
  if (componentsFrom(reading.causes, 1, reading.component).some((cause) => cause === 'AA' || cause === 'OA') && !dates.includes('439'))
    problems.add('4', 'MISSING_SITUATIONAL', 'DTP*439');
  if (frequencies[reading.frequencyCode] !== undefined && reading.original === '') problems.add('4', 'ORIGINAL_CLAIM_MISSING', 'REF*F8');
  if (!problems.has('BAD_AMOUNT') && lines.length > 0 && lines.reduce((sum, { chargeCents }) => sum + chargeCents, 0) !== totalCents) {
    problems.add('3', 'TOTAL_MISMATCH', 'CLM02');
  }
}

function serviceDaysOf({ lines, statement }: Reading): readonly [from: number | null, to: number | null] {
  if (statement) return statement;
  let [from, to]: [number | null, number | null] = [null, null];
  for (const { serviceFrom, serviceTo } of lines) {
    if (serviceFrom !== null && (from === null || serviceFrom < from)) from = serviceFrom;
    if (serviceTo !== null && (to === null || serviceTo > to)) to = serviceTo;
  }
  return [from, to];
}

function claimOf(reading: Reading, context: X12Context): ParsedClaim {
  const { place, institutional } = reading;
  const frequency = frequencies[reading.frequencyCode] ?? 'original';
  checkClaim(reading, context);
  const [serviceFrom, serviceTo] = serviceDaysOf(reading);
  if (serviceFrom === null) reading.problems.add('workflow', 'REQUIRED_FIELD', 'service_date');
  const { providerId, providerIdType, payerId, policyNumber, groupNumber, coverageType, subscriber, patient, relationship } = context;
  return {
    format: institutional ? 'x12-837i' : 'x12-837p',
    claimId: reading.claimId,
    scope: providerId,
    claimType: institutional ? 'institutional' : 'professional',
    frequency,
    originalClaimId: reading.original === '' ? null : reading.original,
    patient,
    subscriber,
    relationship,
    policyNumber,
    groupNumber,
    coverageType,
    payerId,
    providerId,
    providerIdType,
    renderingProviderId: reading.rendering,
    serviceFrom,
    serviceTo,
    receivedOn: null,
    placeOfService: institutional ? '' : place,
    typeOfBill: institutional ? `${place}${reading.frequencyCode}` : '',
    drg: reading.drg,
    priorAuthorization: reading.authorization,
    diagnosisCodes: [reading.principal, ...reading.diagnoses].filter((code) => code !== ''),
    totalCents: reading.totalCents,
    lines: reading.lines satisfies readonly ParsedLine[],
    priorPayers: priorPayersOf(reading),
    problems: reading.problems.all,
  };
}

/** Reads claims of X12; consecutive ones of one subscriber share what was read of their loops. */
export function createX12Reader(): (received: Pick<ClaimReceived, 'format' | 'content' | 'context'>) => ClaimRead {
  const eachSegment = createSegmentWalk();
  let lastBytes: Buffer = Buffer.alloc(0);
  let last: X12Context | null = null;
  return ({ format, content, context: bytes }) => {
    if (last === null || !lastBytes.equals(bytes)) {
      last = readContext(bytes, eachSegment);
      lastBytes = bytes;
    }
    if (last === null) return unreadable('MALFORMED_CLAIM');
    const reading: Reading = {
      institutional: format === 'x12-837i',
      component: String.fromCharCode(last.delimiters.component),
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
      original: '',
      rendering: '',
      statement: null,
      dates: [],
      lines: [],
      payers: [],
      payer: null,
      line: null,
      decidedBy: null,
    };
    eachSegment(content.toString('latin1'), last.delimiters, {
      wanted,
      onSegment: (segment) => takers.get(segment.code)?.(reading, segment),
    });
    if (!isClaimId(reading.claimId)) return unreadable('MISSING_CLAIM_ID');
    return { ok: true, claim: claimOf(reading, last) };
  };
}
