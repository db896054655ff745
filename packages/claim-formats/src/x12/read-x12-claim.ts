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
import { componentsOf, eachSegment, wantedSegments, type Segment } from './segments-of.ts';

const wanted = wantedSegments('CLM DTP AMT REF HI NM1 SBR CAS LX SV1 SV2 SVD');
const frequencies: Readonly<Record<string, ParsedClaim['frequency']>> = { '7': 'replacement', '8': 'void' };
/** HI qualifiers of diagnoses: principal first, ICD-10 and ICD-9. */
const principal = new Set(['ABK', 'BK']);
const others = new Set(['ABF', 'BF']);

/** A claim while its segments go by. */
interface Reading {
  readonly institutional: boolean;
  readonly component: string;
  readonly problems: Problems;
  claim: Segment;
  totalCents: number;
  place: readonly string[];
  principal: string;
  readonly diagnoses: string[];
  drg: string;
  authorization: string;
  original: string;
  rendering: string;
  statement: readonly [from: number, to: number] | null;
  readonly dates: Set<string>;
  readonly lines: LineReading[];
  readonly payers: PayerReading[];
  payer: PayerReading | null;
  line: LineReading | null;
  /** Payer of the last SVD. */
  decidedBy: PayerReading | null;
}

function takeClaim(reading: Reading, segment: Segment): void {
  reading.claim = segment;
  reading.totalCents = amountOf(segment[2], 'CLM02', { line: 0, problems: reading.problems });
  reading.place = componentsOf(segment[5], reading.component);
  if ((reading.place[0] ?? '') === '' || (reading.place[2] ?? '') === '') reading.problems.add('2', 'MISSING_ELEMENT', 'CLM05');
}

function takeDate(reading: Reading, [, kind = '', qualifier = '', text = '']: Segment): void {
  reading.dates.add(kind);
  if (kind !== '472' && kind !== '434') return;
  const period = readPeriod(qualifier, text);
  if (period === null) reading.problems.add('2', 'BAD_DATE', `DTP*${kind}`, reading.line?.line ?? 0);
  else if (reading.line) [reading.line.serviceFrom, reading.line.serviceTo] = period;
  else reading.statement = period;
}

function takeDiagnoses(reading: Reading, segment: Segment): void {
  for (const element of segment.slice(1)) {
    const [qualifier = '', code = ''] = componentsOf(element, reading.component);
    if (principal.has(qualifier)) reading.principal ||= diagnosisOf(code);
    else if (others.has(qualifier)) reading.diagnoses.push(diagnosisOf(code));
    else if (qualifier === 'DR') reading.drg = code;
  }
}

function takeName(reading: Reading, [, code = '', , , , , , , idType = '', id = '']: Segment): void {
  if (code === 'PR' && reading.payer && !reading.line) reading.payer.payerId = id;
  const isRendering = code === '82' || (code === '71' && reading.institutional);
  if (!isRendering || idType !== 'XX' || (reading.payer && !reading.line)) return;
  if (reading.line) reading.line.renderingProviderId = id;
  else reading.rendering = id;
}

function takeReference(reading: Reading, [, kind, value = '']: Segment): void {
  const { line, payer } = reading;
  if (payer && !line) return;
  if (kind === 'G1') reading.authorization ||= value;
  else if (kind === 'F8' && !line) reading.original = value;
}

/** CAS holds up to six triples of reason, amount and quantity. */
function takeAdjustments(reading: Reading, segment: Segment): void {
  const payer = reading.line ? reading.decidedBy : reading.payer;
  if (!payer) return;
  const line = reading.line?.line ?? 0;
  for (let at = 2; at < segment.length; at += 3) {
    const carc = segment[at] ?? '';
    if (carc === '') continue;
    const cents = amountOf(segment[at + 1], `CAS${String(at + 1).padStart(2, '0')}`, { line, problems: reading.problems });
    payer.adjustments.push({ line, group: segment[1] ?? '', carc, cents });
  }
}

function takeAmount(reading: Reading, [, kind = '', amount]: Segment): void {
  const { payer, line, problems } = reading;
  if (!payer || line || !['D', 'EAF', 'B6'].includes(kind)) return;
  const cents = amountOf(amount, `AMT*${kind}`, { line: 0, problems });
  if (kind === 'D') payer.paidCents = cents;
  else if (kind === 'EAF') payer.patientCents = cents;
  else payer.allowedCents = cents;
}

function takeService(reading: Reading, segment: Segment): void {
  const { line, problems, component } = reading;
  if (!line) return;
  const at = segment[0] === 'SV1' ? 1 : 2;
  const [, procedure = '', ...modifiers] = componentsOf(segment[at], component);
  line.procedureCode = procedure.toUpperCase();
  line.modifiers = modifiers.slice(0, 4).filter((modifier) => modifier !== '');
  line.chargeCents = amountOf(segment[at + 1], `${segment[0]}0${at + 1}`, { line: line.line, problems });
  readUnits(line, [segment[at + 2], segment[at + 3]], { field: `${segment[0]}0${at + 3}`, problems });
  if (segment[0] === 'SV2') line.revenueCode = segment[1] ?? '';
  else {
    line.placeOfService = segment[5] ?? '';
    line.diagnosisPointers = componentsOf(segment[7], component)
      .map(Number)
      .filter((pointer) => pointer >= 1 && pointer <= 12);
  }
}

function takeDecision(reading: Reading, [, payerId = '', paid]: Segment): void {
  const { line, payers, problems } = reading;
  if (!line) return;
  const cents = amountOf(paid, 'SVD02', { line: line.line, problems });
  line.priorPaidCents = (line.priorPaidCents ?? 0) + cents;
  reading.decidedBy = payers.find((payer) => payer.payerId === payerId) ?? null;
}

function take(reading: Reading, segment: Segment): void {
  switch (segment[0]) {
    case 'CLM':
      return takeClaim(reading, segment);
    case 'DTP':
      // The date on which another payer decided is no date of service.
      return reading.payer && !reading.line ? undefined : takeDate(reading, segment);
    case 'HI':
      return takeDiagnoses(reading, segment);
    case 'NM1':
      return takeName(reading, segment);
    case 'REF':
      return takeReference(reading, segment);
    case 'SBR': {
      const sequence = segment[1] === 'S' || segment[1] === 'T' ? segment[1] : 'P';
      reading.payer = { payerId: '', sequence, paidCents: null, patientCents: null, allowedCents: null, adjustments: [] };
      reading.payers.push(reading.payer);
      return;
    }
    case 'CAS':
      return takeAdjustments(reading, segment);
    case 'AMT':
      return takeAmount(reading, segment);
    case 'LX':
      reading.line = aLine(reading.lines.length + 1);
      reading.lines.push(reading.line);
      reading.decidedBy = null;
      return;
    case 'SV1':
    case 'SV2':
      return takeService(reading, segment);
    case 'SVD':
      return takeDecision(reading, segment);
    default:
  }
}

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
  if (institutional && !dates.has('434')) problems.add('2', 'MISSING_ELEMENT', 'DTP*434');
  if (institutional && place[0] === '11' && !dates.has('435')) problems.add('4', 'MISSING_SITUATIONAL', 'DTP*435');
  const causes = componentsOf(reading.claim[11], reading.component);
  if ((causes.includes('AA') || causes.includes('OA')) && !dates.has('439')) problems.add('4', 'MISSING_SITUATIONAL', 'DTP*439');
  if (frequencies[place[2] ?? ''] !== undefined && reading.original === '') problems.add('4', 'ORIGINAL_CLAIM_MISSING', 'REF*F8');
  if (!problems.has('BAD_AMOUNT') && lines.length > 0 && lines.reduce((sum, { chargeCents }) => sum + chargeCents, 0) !== totalCents) {
    problems.add('3', 'TOTAL_MISMATCH', 'CLM02');
  }
}

function serviceDaysOf({ lines, statement }: Reading): readonly [from: number | null, to: number | null] {
  if (statement) return statement;
  const froms = lines.flatMap(({ serviceFrom }) => serviceFrom ?? []);
  const tos = lines.flatMap(({ serviceTo }) => serviceTo ?? []);
  return froms.length === 0 ? [null, null] : [Math.min(...froms), Math.max(...tos)];
}

function claimOf(reading: Reading, context: X12Context): ParsedClaim {
  const { claim, place, institutional } = reading;
  const frequency = frequencies[place[2] ?? ''] ?? 'original';
  checkClaim(reading, context);
  const [serviceFrom, serviceTo] = serviceDaysOf(reading);
  if (serviceFrom === null) reading.problems.add('workflow', 'REQUIRED_FIELD', 'service_date');
  const { providerId, providerIdType, payerId, policyNumber, groupNumber, coverageType, subscriber, patient, relationship } = context;
  return {
    format: institutional ? 'x12-837i' : 'x12-837p',
    claimId: claim[1] ?? '',
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
    placeOfService: institutional ? '' : (place[0] ?? ''),
    typeOfBill: institutional ? `${place[0] ?? ''}${place[2] ?? ''}` : '',
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
  let lastBytes: Buffer = Buffer.alloc(0);
  let last: X12Context | null = null;
  return ({ format, content, context: bytes }) => {
    if (last === null || !lastBytes.equals(bytes)) {
      last = readContext(bytes);
      lastBytes = bytes;
    }
    if (last === null) return unreadable('MALFORMED_CLAIM');
    const reading: Reading = {
      institutional: format === 'x12-837i',
      component: String.fromCharCode(last.delimiters.component),
      problems: createProblems(),
      claim: [],
      totalCents: 0,
      place: [],
      principal: '',
      diagnoses: [],
      drg: '',
      authorization: '',
      original: '',
      rendering: '',
      statement: null,
      dates: new Set(),
      lines: [],
      payers: [],
      payer: null,
      line: null,
      decidedBy: null,
    };
    eachSegment(content.toString('latin1'), last.delimiters, { wanted, onSegment: (segment) => take(reading, segment) });
    if (!isClaimId(reading.claim[1] ?? '')) return unreadable(reading.claim.length === 0 ? 'MALFORMED_CLAIM' : 'MISSING_CLAIM_ID');
    return { ok: true, claim: claimOf(reading, last) };
  };
}
