import type { ClaimReceived } from '@vigil/contracts';
import type { ParsedClaim, ParsedPriorPayer } from '../parsed-claim.ts';
import { isClaimId, mostLines, mostProfessionalLines, unreadable, type ClaimRead } from '../read/claim-read.ts';
import { createContextReader, type X12Context } from './read-context.ts';
import { componentsFrom, createSegmentWalk } from './segments-of.ts';
import { createClaimReading, takers, type ClaimReading } from './take-segments.ts';

const frequencies: Readonly<Record<string, ParsedClaim['frequency']>> = { '7': 'replacement', '8': 'void' };

/** Payers that decided already: those that tell what they paid, or why not. Those after this one are no prior payers. */
function priorPayersOf({ payers, lines }: ClaimReading): ParsedPriorPayer[] {
  const decided = payers.filter(({ paidCents, adjustments }) => paidCents !== null || adjustments.length > 0);
  const byLine = lines.some(({ priorPaidCents }) => priorPaidCents !== null);
  return decided.map(({ paidCents, ...payer }) => ({
    ...payer,
    paidCents:
      paidCents ?? (byLine && decided.length === 1 ? lines.reduce((sum, { priorPaidCents }) => sum + (priorPaidCents ?? 0), 0) : 0),
  }));
}

function checkClaim(reading: ClaimReading, context: X12Context): void {
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

function serviceDaysOf({ lines, statement }: ClaimReading): readonly [from: number | null, to: number | null] {
  if (statement) return statement;
  let [from, to]: [number | null, number | null] = [null, null];
  for (const { serviceFrom, serviceTo } of lines) {
    if (serviceFrom !== null && (from === null || serviceFrom < from)) from = serviceFrom;
    if (serviceTo !== null && (to === null || serviceTo > to)) to = serviceTo;
  }
  return [from, to];
}

function claimOf(reading: ClaimReading, context: X12Context): ParsedClaim {
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
    lines: reading.lines,
    priorPayers: priorPayersOf(reading),
    problems: reading.problems.all,
  };
}

/** Reads claims of X12; consecutive ones of one subscriber share what was read of their loops. */
export function createX12Reader(): (received: Pick<ClaimReceived, 'format' | 'content' | 'context'>) => ClaimRead {
  const walk = createSegmentWalk();
  const readContext = createContextReader(walk);
  let lastBytes: Buffer = Buffer.alloc(0);
  let last: X12Context | null = null;
  return ({ format, content, context: bytes }) => {
    if (last === null || !lastBytes.equals(bytes)) {
      last = readContext(bytes);
      lastBytes = bytes;
    }
    if (last === null) return unreadable('MALFORMED_CLAIM');
    const kind = format === 'x12-837i' ? 'institutional' : 'professional';
    const state = createClaimReading(kind, String.fromCharCode(last.delimiters.component));
    walk(content.toString('latin1'), last.delimiters, { takers, state });
    if (!isClaimId(state.claimId)) return unreadable('MISSING_CLAIM_ID');
    return { ok: true, claim: claimOf(state, last) };
  };
}
