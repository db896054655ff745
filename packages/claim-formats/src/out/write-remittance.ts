import { VigilError } from '@vigil/core';
import { checkRemittance } from './check-remittance.ts';
import type {
  ClaimStatus,
  Remittance,
  RemittanceAdjustment,
  RemittanceFile,
  RemittanceParty,
  RemittancePayee,
  RemittedClaim,
  RemittedLine,
} from './remittance.ts';
import { longestClaimId, wholeIdParts, x12Identifier } from './x12-identifier.ts';
import { delimiters, elementText, moneyText, segmentText, thousandthsText, x12Day } from './x12-text.ts';

/** Code source 1029, as far as we process claims. */
const statusCodes: Readonly<Record<ClaimStatus, string>> = {
  primary: '1',
  secondary: '2',
  tertiary: '3',
  denied: '4',
  reversal: '22',
};
export const frequencyCodes = { original: '1', replacement: '7', void: '8' } as const;

/** What stands for a procedure whose code was none: a service needs a code. */
export const noProcedure = 'ER:NONE';

/** The standard takes six adjustments of a group in one segment. */
const mostAdjustments = 6;

function adjustmentSegments(adjustments: readonly RemittanceAdjustment[]): string[] {
  const segments: string[] = [];
  for (const group of new Set(adjustments.map((adjustment) => adjustment.group))) {
    const ofGroup = adjustments.filter((adjustment) => adjustment.group === group);
    for (let at = 0; at < ofGroup.length; at += mostAdjustments) {
      const triples = ofGroup.slice(at, at + mostAdjustments).map(({ carc, cents }) => [elementText(carc, 5), moneyText(cents)]);
      // The third of each triple is a quantity: none.
      segments.push(segmentText('CAS', elementText(group, 2), ...triples.flatMap((triple) => [...triple, ''])));
    }
  }
  return segments;
}

function procedureText({ procedureCode, revenueCode, modifiers }: RemittedLine): string {
  const parts = [procedureCode, ...modifiers].map((part) => elementText(part, 48));
  if (procedureCode !== '') return ['HC', ...parts].join(delimiters.component);
  return revenueCode === '' ? noProcedure : `NU${delimiters.component}${elementText(revenueCode, 48)}`;
}

function lineSegments(line: RemittedLine): string[] {
  const revenue = line.procedureCode === '' ? '' : elementText(line.revenueCode, 48);
  return [
    segmentText(
      'SVC',
      procedureText(line),
      moneyText(line.chargeCents),
      moneyText(line.paidCents),
      revenue,
      thousandthsText(line.unitsThousandths),
    ),
    ...(line.serviceFrom === null ? [] : [segmentText('DTM', '472', x12Day(line.serviceFrom))]),
    ...adjustmentSegments(line.adjustments),
    segmentText('REF', '6R', String(line.line)),
    ...(line.allowedCents === null ? [] : [segmentText('AMT', 'B6', moneyText(line.allowedCents))]),
    ...line.rarc.map((code) => segmentText('LQ', 'HE', elementText(code, 30))),
  ];
}

function claimSegments(claim: RemittedClaim): string[] {
  const { patient } = claim;
  const dates = [
    ['232', claim.serviceFrom],
    ['233', claim.serviceTo],
    ['050', claim.receivedOn],
  ] as const;
  return [
    segmentText(
      'CLP',
      x12Identifier(claim.claimId, longestClaimId),
      statusCodes[claim.status],
      moneyText(claim.chargeCents),
      moneyText(claim.paidCents),
      moneyText(claim.patientCents),
      'ZZ',
      elementText(claim.payerControl, 50),
      elementText(claim.facility, 2),
      frequencyCodes[claim.frequency],
    ),
    ...adjustmentSegments(claim.adjustments),
    segmentText(
      'NM1',
      'QC',
      '1',
      elementText(patient.lastName, 60),
      elementText(patient.firstName, 35),
      '',
      '',
      '',
      'MI',
      x12Identifier(patient.memberId, 80),
    ),
    ...(claim.corrects === null ? [] : [segmentText('REF', 'F8', elementText(claim.corrects, 50))]),
    // Not of the guide: only where CLP01 cannot hold the identifier.
    ...wholeIdParts(claim.claimId).map((part) => segmentText('REF', 'D9', part)),
    ...dates.flatMap(([code, day]) => (day === null ? [] : [segmentText('DTM', code, x12Day(day))])),
    ...(claim.allowedCents === null ? [] : [segmentText('AMT', 'AU', moneyText(claim.allowedCents))]),
    ...claim.lines.flatMap(lineSegments),
  ];
}

function payerSegments({ name, street, city, state, zip, phone }: RemittanceParty, payerId: string): string[] {
  const place = [city, state, zip].map((part) => elementText(part ?? '', 30));
  return [
    segmentText('N1', 'PR', elementText(name, 60)),
    ...(street === undefined ? [] : [segmentText('N3', elementText(street, 55))]),
    ...(place.every((part) => part === '') ? [] : [segmentText('N4', ...place)]),
    ...(payerId === '' ? [] : [segmentText('REF', '2U', x12Identifier(payerId, 50))]),
    ...(phone === undefined ? [] : [segmentText('PER', 'CX', '', 'TE', elementText(phone, 256))]),
  ];
}

/** A payee without a national identifier is named by what its payer calls it: REF*PQ says so. */
function payeeSegments({ name, id, idType }: RemittancePayee): string[] {
  const text = x12Identifier(id, 50);
  if (idType === 'npi') return [segmentText('N1', 'PE', elementText(name, 60), 'XX', text)];
  return [segmentText('N1', 'PE', elementText(name, 60), 'FI', text), segmentText('REF', 'PQ', text)];
}

/** A PLB takes six adjustments; ours never has more than two. */
function providerSegments({ payee, paidOn, providerAdjustments }: Remittance): string[] {
  const fiscalEnd = `${x12Day(paidOn).slice(0, 4)}1231`;
  return providerAdjustments.map(({ code, reference, cents }) =>
    segmentText('PLB', x12Identifier(payee.id, 50), fiscalEnd, `${elementText(code, 2)}:${elementText(reference, 50)}`, moneyText(cents)),
  );
}

function transactionSegments(remittance: Remittance, control: string): string[] {
  const { paidCents, paidOn, traceNumber, payerId } = remittance;
  const method = paidCents === 0 ? 'NON' : 'CHK';
  const skipped = Array.from({ length: 11 }, () => '');
  const body = [
    segmentText('BPR', paidCents === 0 ? 'H' : 'I', moneyText(paidCents), 'C', method, ...skipped, x12Day(paidOn)),
    segmentText('TRN', '1', elementText(traceNumber, 50), elementText(payerId, 10) || 'UNKNOWN'),
    segmentText('DTM', '405', x12Day(paidOn)),
    ...payerSegments(remittance.payer, payerId),
    ...payeeSegments(remittance.payee),
    segmentText('LX', '1'),
    ...remittance.claims.flatMap(claimSegments),
    ...providerSegments(remittance),
  ];
  // ST and SE count too.
  return [segmentText('ST', '835', control), ...body, segmentText('SE', String(body.length + 2), control)];
}

const refuse = (count: number, where: string): never => {
  throw new VigilError('UNBALANCED_REMITTANCE', { detail: `${count} equations do not hold, the first at ${where}.` });
};

/**
 * An 835 (005010X221A1): an interchange of a payer, a transaction set per payment. Nothing is written before everything
 * in it balances.
 *
 * @throws VigilError UNBALANCED_REMITTANCE
 */
export function writeRemittance({ controlNumber, payerId, createdAtMs, usage, remittances }: RemittanceFile): string {
  const problems = remittances.flatMap((remittance, index) => checkRemittance(remittance, `ST ${index + 1}`));
  if (problems[0]) refuse(problems.length, problems[0].where);
  const at = new Date(createdAtMs).toISOString();
  const date = at.slice(0, 10).replaceAll('-', '');
  const time = at.slice(11, 16).replace(':', '');
  const sender = x12Identifier(payerId, 15) || 'UNKNOWN';
  const control = String(controlNumber).padStart(9, '0');
  const isa = ['ISA', '00', ' '.repeat(10), '00', ' '.repeat(10), 'ZZ', sender.padEnd(15), 'ZZ', 'PROVIDERS'.padEnd(15), date.slice(2), time, delimiters.repetition, '00501', control, '0', usage === 'production' ? 'P' : 'T', delimiters.component].join(delimiters.element); // prettier-ignore
  const segments = [
    isa,
    segmentText('GS', 'HP', sender, 'PROVIDERS', date, time, String(controlNumber), 'X', '005010X221A1'),
    ...remittances.flatMap((remittance, index) => transactionSegments(remittance, String(index + 1).padStart(4, '0'))),
    segmentText('GE', String(remittances.length), String(controlNumber)),
    segmentText('IEA', '1', control),
  ];
  return segments.map((segment) => `${segment}${delimiters.segment}\n`).join('');
}
