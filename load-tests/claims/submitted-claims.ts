import { compileWriter, createWireEncoder, topics, type ClaimLine, type ClaimSubmitted } from '@vigil/contracts';
import { hashId } from '@vigil/core';
import type { ProducedRecord } from '@vigil/kafka';
import { memberAt, type ClaimsShape } from './claim-members.ts';
import { diagnosisAt, procedureAt, providerIdAt } from './claim-reference.ts';

export interface ClaimsLoad extends ClaimsShape {
  readonly claims: number;
}

const topic = topics.claimSubmitted;
const dayMs = 86_400_000;
/** Coprime to every usual number of members: all are visited once before one comes again. */
const stride = 7_368_787;
/** So many days lie between two visits of a member. */
const daysBetween = 2;
/** One claim in so many corrects the one before of the same member. */
const correctedEvery = 50;
/** One claim in so many is beyond the workflow's range and waits for a person. */
const pendedEvery = 200;

const lineAt = (count: number, line: number): ClaimLine => {
  const pick = count * 31 + line * 131;
  return {
    line,
    procedureCode: procedureAt(pick),
    revenueCode: '',
    modifiers: pick % 9 === 0 ? ['25'] : [],
    // One line in a hundred is beyond its MUE.
    unitsThousandths: pick % 100 === 0 ? 9_000 : 1_000 * (1 + (pick % 2)),
    unitBasis: 'UN',
    chargeCents: 15_000 + (pick % 70) * 250,
    placeOfService: '',
    diagnosisPointers: [1],
    serviceFrom: null,
    serviceTo: null,
    renderingProviderId: '',
    priorPaidCents: null,
  };
};

/** The n-th claim of a load. */
function claimAt(count: number, load: ClaimsLoad, todayMs: number) {
  const index = (count * stride) % load.members;
  const visit = Math.floor(count / load.members);
  const { policyToken, memberToken, patientToken, partition } = memberAt(index, load);
  const visits = Math.ceil(load.claims / load.members);
  const day = Math.floor(todayMs / dayMs) - 3 - (visits - visit) * daysBetween;
  const isCorrection = visit > 0 && count % correctedEvery === 0;
  const lines = [1, 2, 3].map((line) => lineAt(count, line));
  const sum = lines.reduce((total, { chargeCents }) => total + chargeCents, 0);
  const isHuge = count % pendedEvery === 7;
  const claim: ClaimSubmitted = {
    submissionId: hashId('bench claim', count),
    policyToken,
    patientToken,
    memberToken,
    subscriberToken: memberToken,
    nameToken: null,
    relationship: 'self',
    claimId: `M${index}V${visit}`,
    scope: '',
    contentHash: hashId('content', count),
    standing: 'first',
    format: 'json',
    claimType: 'professional',
    frequency: isCorrection ? 'replacement' : 'original',
    originalClaimId: isCorrection ? `M${index}V${visit - 1}` : null,
    providerId: providerIdAt(count),
    providerIdType: 'local',
    renderingProviderId: '',
    payerId: 'BENCH',
    groupNumber: '',
    coverageType: 'primary',
    serviceFrom: day,
    serviceTo: day,
    receivedOn: day + 2,
    receivedAt: (day + 2) * dayMs,
    placeOfService: '11',
    typeOfBill: '',
    drg: '',
    priorAuthorization: '',
    diagnosisCodes: [diagnosisAt(count), diagnosisAt(count + 17)],
    totalCents: sum + (isHuge ? 6_000_000 : 0),
    lines: isHuge ? lines.map((line, at) => (at === 0 ? { ...line, chargeCents: line.chargeCents + 6_000_000 } : line)) : lines,
    priorPayers: [],
    problems: [],
  };
  return { claim, partition };
}

/** How many claims of a load correct an earlier one. */
export function correctionsIn({ claims, members }: ClaimsLoad): number {
  const upTo = (count: number): number => Math.ceil(count / correctedEvery);
  return upTo(claims) - upTo(Math.min(claims, members));
}

/** Claims of three lines as intake submits them: nearly all are paid, some lines denied, some claims corrections, some for a person. */
export function* submittedClaims(load: ClaimsLoad, schemaId: number, todayMs: number): Generator<ProducedRecord> {
  const encode = createWireEncoder();
  const writer = compileWriter<ClaimSubmitted>(topic.schema);
  for (let count = 0; count < load.claims; count++) {
    const { claim, partition } = claimAt(count, load, todayMs);
    yield {
      topic: topic.name,
      partition,
      key: Buffer.from(claim.policyToken),
      value: encode(schemaId, writer, claim),
      headers: [],
      timestamp: null,
    };
  }
}
