import {
  schemas,
  type ClaimLine,
  type ClaimSubmitted,
  type FeeScheduleChanged,
  type MemberChanged,
  type PlanChanged,
  type ProviderChanged,
  type ReviewDecided,
} from '@vigil/contracts';
import { aLine as anyLine, aRecord, aSubmittedClaim, day } from './records.ts';

export const policyToken = 't1.policy';
export const memberToken = 't1.member';

export const aLine = (over: Partial<ClaimLine> = {}): ClaimLine => anyLine({ chargeCents: 12_000, diagnosisPointers: [1], ...over });

/** A visit of 120.00 on 1 March 2024, received on the 10th. */
export function aClaim({ claimId = 'C1', lines = [aLine()], ...over }: Partial<ClaimSubmitted> = {}): ClaimSubmitted {
  return aSubmittedClaim({
    submissionId: `s-${claimId}`,
    policyToken,
    patientToken: 't1.patient',
    memberToken,
    subscriberToken: memberToken,
    claimId,
    contentHash: claimId,
    serviceFrom: day('2024-03-01'),
    serviceTo: day('2024-03-01'),
    receivedOn: day('2024-03-10'),
    receivedAt: Date.UTC(2024, 2, 10),
    lines,
    ...over,
  });
}

/** Covered by plan P since the beginning of 2020. */
export const aMember = (over: Partial<MemberChanged> = {}): MemberChanged =>
  aRecord<MemberChanged>(schemas.memberChanged, {
    policyToken,
    memberToken,
    version: 1,
    patientToken: 't1.patient',
    subscriberToken: memberToken,
    birthDate: day('1980-05-05'),
    sex: 'female',
    coverage: [{ from: day('2020-01-01'), to: null, planId: 'P', groupNumber: '' }],
    ...over,
  });

/** 50.00 deductible, then 20 % up to 1,000.00 out of pocket; the family has a deductible of 80.00. */
export const aPlan = (over: Partial<PlanChanged> = {}): PlanChanged =>
  aRecord<PlanChanged>(schemas.planChanged, {
    planId: 'P',
    version: 1,
    effectiveFrom: day('2020-01-01'),
    payerId: 'PAYER',
    scheduleIn: 'IN',
    scheduleOut: 'OUT',
    deductibleInCents: 5_000,
    deductibleOutCents: 5_000,
    familyDeductibleInCents: 8_000,
    outOfPocketInCents: 100_000,
    benefits: [
      {
        service: '*',
        covered: true,
        deductibleApplies: true,
        coinsuranceInBps: 2_000,
        coinsuranceOutBps: 4_000,
        copayInCents: 0,
        copayOutCents: 0,
        priorAuthorization: false,
        maxVisits: null,
        maxCents: null,
        lifetimeMaxCents: null,
      },
    ],
    ...over,
  });

/** 100.00 for a visit. */
export const aPrice = (over: Partial<FeeScheduleChanged> = {}): FeeScheduleChanged => ({
  scheduleId: 'IN',
  code: '99213',
  modifier: '',
  version: 1,
  effectiveFrom: day('2020-01-01'),
  effectiveTo: null,
  unitCents: 10_000,
  ...over,
});

export const aProvider = (over: Partial<ProviderChanged> = {}): ProviderChanged =>
  aRecord<ProviderChanged>(schemas.providerChanged, {
    providerId: 'PROV_001',
    version: 1,
    effectiveFrom: day('2020-01-01'),
    providerType: 'physician',
    networks: ['P'],
    eligible: true,
    ...over,
  });

/** A person releases what waits. */
export const aReview = (over: Partial<ReviewDecided>): ReviewDecided =>
  aRecord<ReviewDecided>(schemas.reviewDecided, {
    policyToken,
    decision: 'release',
    person: 'someone',
    reason: 'seen',
    ...over,
  });
