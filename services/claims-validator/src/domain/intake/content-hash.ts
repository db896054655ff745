import { hash } from 'node:crypto';
import type { ParsedClaim, ParsedLine, ParsedPerson, ParsedPriorPayer } from '@vigil/claim-formats';
import { tokenOf, type NamedKey } from '@vigil/core';
import { canonicalText } from './canonical-text.ts';
import type { ClaimTokens } from './claim-tokens.ts';

/** What says nothing is left out: a field that is added later leaves the hash of every claim without it as it was. */
const told = <Value>(value: Value | '' | null): Value | undefined => (value === '' || value === null ? undefined : value);
const listed = <Item>(items: readonly Item[]): readonly Item[] | undefined => (items.length === 0 ? undefined : items);

/**
 * What is told of a person beside the identifier, by a keyed hash: from an open one whoever knows the rest of the claim could
 * try out names until it fits.
 */
function personOf({ sex, lastName, firstName, birthDate, address, zip }: ParsedPerson, key: NamedKey): string | undefined {
  const isNamed = lastName !== '' || firstName !== '' || birthDate !== null || address !== '' || zip !== '' || sex !== 'unknown';
  return isNamed ? tokenOf(key, 'claim-person', canonicalText({ sex, lastName, firstName, birthDate, address, zip })) : undefined;
}

// Every member is named below in an order that is ours: a member that a reader adds does not compile until it is.
const lineOf = (line: ParsedLine) =>
  ({
    line: line.line,
    procedureCode: told(line.procedureCode),
    revenueCode: told(line.revenueCode),
    modifiers: listed(line.modifiers),
    unitsThousandths: line.unitsThousandths,
    unitBasis: line.unitBasis,
    chargeCents: line.chargeCents,
    placeOfService: told(line.placeOfService),
    diagnosisPointers: listed(line.diagnosisPointers),
    serviceFrom: told(line.serviceFrom),
    serviceTo: told(line.serviceTo),
    renderingProviderId: told(line.renderingProviderId),
    priorPaidCents: told(line.priorPaidCents),
  }) satisfies Record<keyof ParsedLine, unknown>;

const priorPayerOf = (payer: ParsedPriorPayer) =>
  ({
    payerId: told(payer.payerId),
    sequence: payer.sequence,
    allowedCents: told(payer.allowedCents),
    paidCents: payer.paidCents,
    patientCents: told(payer.patientCents),
    adjustments: listed(payer.adjustments.map(({ line, group, carc, cents }) => [line, group, carc, cents])),
  }) satisfies Record<keyof ParsedPriorPayer, unknown>;

const contentOf = (claim: ParsedClaim, tokens: ClaimTokens, key: NamedKey) =>
  ({
    claimId: claim.claimId,
    scope: told(claim.scope),
    claimType: claim.claimType,
    frequency: claim.frequency,
    originalClaimId: told(claim.originalClaimId),
    patient: [tokens.patientToken, personOf(claim.patient, key)],
    subscriber: [tokens.subscriberToken, personOf(claim.subscriber, key)],
    relationship: claim.relationship,
    policyNumber: told(tokens.policyToken),
    groupNumber: told(claim.groupNumber),
    coverageType: claim.coverageType,
    payerId: told(claim.payerId),
    providerId: told(claim.providerId),
    providerIdType: claim.providerIdType,
    renderingProviderId: told(claim.renderingProviderId),
    serviceFrom: told(claim.serviceFrom),
    serviceTo: told(claim.serviceTo),
    receivedOn: told(claim.receivedOn),
    placeOfService: told(claim.placeOfService),
    typeOfBill: told(claim.typeOfBill),
    drg: told(claim.drg),
    priorAuthorization: told(claim.priorAuthorization),
    diagnosisCodes: listed(claim.diagnosisCodes),
    totalCents: claim.totalCents,
    lines: listed(claim.lines.map(lineOf)),
    priorPayers: listed(claim.priorPayers.map(priorPayerOf)),
    problems: listed(claim.problems.map(({ level, code, field, line }) => [level, code, field, line])),
  }) satisfies Record<Exclude<keyof ParsedClaim, 'format'>, unknown>;

/**
 * 128 bits over the claim as it was understood, as 32 hexadecimal digits. Everything that the claim tells counts, people by
 * their tokens, what could not be read by its problem; how it came (format, order of members, white space) does not.
 */
export const contentHashOf = (claim: ParsedClaim, tokens: ClaimTokens, key: NamedKey): string =>
  hash('sha256', `claim-content ${JSON.stringify(contentOf(claim, tokens, key))}`, 'hex').slice(0, 32);
