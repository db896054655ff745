import type { ClaimReceived } from '@vigil/contracts';
import type { ParsedClaim, ParsedPriorPayer } from '../parsed-claim.ts';
import { checkTotal, frequencyOf, identifierOf, isClaimId, mostProfessionalLines, unreadable, type ClaimRead } from '../read/claim-read.ts';
import { withTotalCharge } from '../read/read-amount.ts';
import { createContextReader, type X12Context } from './read-context.ts';
import { componentsFrom, createSegmentWalk } from './segments-of.ts';
import { createClaimReading, takers, type ClaimReading } from './take-segments.ts';

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

/** A line without a service, or of which nothing is told: a problem of one of its fields says that something is. */
const isEmpty = (line: ClaimReading['lines'][number], problems: ClaimReading['problems']): boolean =>
  line.procedureCode === '' &&
  line.revenueCode === '' &&
  line.chargeCents === 0 &&
  line.unitsThousandths === 0 &&
  problems.all.every((problem) => problem.line !== line.line);

function checkLines({ problems, lines, institutional }: ClaimReading): void {
  for (const line of lines) {
    if (isEmpty(line, problems)) problems.add('2', 'EMPTY_LINE', institutional ? 'SV2' : 'SV1', line.line);
    else if (!institutional && line.serviceFrom === null && !problems.has('BAD_DATE'))
      problems.add('2', 'MISSING_ELEMENT', 'DTP*472', line.line);
  }
}

function checkClaim(reading: ClaimReading, context: X12Context): void {
  const { problems, lines, institutional, dates, place } = reading;
  if (context.patient.id === '') problems.add('workflow', 'REQUIRED_FIELD', 'patient_id');
  if (lines.length === 0) problems.add('2', 'NO_LINES', 'LX');
  if (reading.isFull || (!institutional && lines.length > mostProfessionalLines)) problems.add('2', 'TOO_MANY_LINES', 'LX');
  if (reading.principal === '') problems.add('2', 'MISSING_ELEMENT', 'HI*ABK');
  if (context.providerId === '') problems.add('2', 'MISSING_ELEMENT', 'NM1*85');
  checkLines(reading);
  if (institutional && !dates.includes('434')) problems.add('2', 'MISSING_ELEMENT', 'DTP*434');
  if (institutional && place === '11' && !dates.includes('435')) problems.add('4', 'MISSING_SITUATIONAL', 'DTP*435');
  if (componentsFrom(reading.causes, 1, reading.component).some((cause) => cause === 'AA' || cause === 'OA') && !dates.includes('439'))
    problems.add('4', 'MISSING_SITUATIONAL', 'DTP*439');
  if (frequencyOf(reading.frequencyCode) !== 'original' && reading.original === '') problems.add('4', 'ORIGINAL_CLAIM_MISSING', 'REF*F8');
}

/** Sums before another payer's: what it paid is held against what was asked for. */
function checkAmounts(reading: ClaimReading, priorPayers: readonly ParsedPriorPayer[]): void {
  const { problems, lines, totalCents } = reading;
  checkTotal(lines, { totalCents, field: 'CLM02', problems });
  const paidCents = priorPayers.reduce((sum, payer) => sum + payer.paidCents, 0);
  if (totalCents !== null && paidCents > Math.max(totalCents, 0)) problems.add('2', 'BAD_AMOUNT', 'AMT*D');
  for (const { line, chargeCents, priorPaidCents } of lines) {
    if (priorPaidCents === null || priorPaidCents <= Math.max(chargeCents, 0)) continue;
    if (!problems.hasAt('BAD_AMOUNT', line)) problems.add('2', 'BAD_AMOUNT', 'SVD02', line);
  }
}

/**
 * The claim's own authorization, or the one that those of its lines agree on: a claim holds one. Where they differ, none is
 * taken, and the first line that differs is told.
 */
function authorizationOf({ authorization, lineAuthorizations, problems }: ClaimReading): string {
  let found = authorization;
  for (const { line, authorization: own } of lineAuthorizations) {
    if (own === '' || own === found) continue;
    if (found === '') found = own;
    else {
      problems.add('2', 'BAD_FIELD', 'REF*G1', line);
      return '';
    }
  }
  return found;
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

function diagnosisCodesOf({ principal, diagnoses }: ClaimReading): readonly string[] {
  const codes = principal === '' ? [] : [principal];
  for (const code of diagnoses) if (code !== '') codes.push(code);
  return codes;
}

function claimOf(reading: ClaimReading, context: X12Context): ParsedClaim {
  const { place, institutional, totalCents, problems } = reading;
  for (const field of context.unusable) problems.add('2', 'BAD_FIELD', field);
  checkClaim(reading, context);
  const priorPayers = priorPayersOf(reading);
  checkAmounts(reading, priorPayers);
  const identifier = (text: string, field: string): string => identifierOf(text, field, problems);
  const original = identifier(reading.original, 'REF*F8');
  const [serviceFrom, serviceTo] = serviceDaysOf(reading);
  if (serviceFrom === null) reading.problems.add('workflow', 'REQUIRED_FIELD', 'service_date');
  const { providerId, providerIdType, payerId, policyNumber, groupNumber, coverageType, subscriber, patient, relationship } = context;
  return {
    format: institutional ? 'x12-837i' : 'x12-837p',
    claimId: reading.claimId,
    scope: providerId,
    claimType: institutional ? 'institutional' : 'professional',
    frequency: frequencyOf(reading.frequencyCode),
    originalClaimId: original === '' ? null : original,
    patient,
    subscriber,
    relationship,
    policyNumber,
    groupNumber,
    coverageType,
    payerId,
    providerId,
    providerIdType,
    renderingProviderId: identifier(reading.rendering, 'NM1*82'),
    serviceFrom,
    serviceTo,
    receivedOn: null,
    placeOfService: institutional ? '' : place,
    typeOfBill: institutional ? `${place}${reading.frequencyCode}` : '',
    drg: reading.drg,
    priorAuthorization: identifier(authorizationOf(reading), 'REF*G1'),
    diagnosisCodes: diagnosisCodesOf(reading),
    totalCents: totalCents ?? 0,
    lines: withTotalCharge(reading.lines, { totalCents, fields: ['SV102', 'SV203', 'SV1', 'SV2'], problems }),
    priorPayers,
    problems: problems.all,
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
    walk(content, last.delimiters, { takers, state });
    if (!isClaimId(state.claimId)) return unreadable('MISSING_CLAIM_ID');
    return { ok: true, claim: claimOf(state, last) };
  };
}
