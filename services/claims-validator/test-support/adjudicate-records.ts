import {
  schemas,
  type AvroSchema,
  type ClaimLine,
  type ClaimSubmitted,
  type FeeScheduleChanged,
  type MemberChanged,
  type PlanChanged,
  type ProviderChanged,
  type ReviewDecided,
} from '@vigil/contracts';

/** Days since 1970-01-01. */
export const dayOfDate = (date: string): number => Date.parse(`${date}T00:00:00Z`) / 86_400_000;

/** Whatever a schema has a default for. */
const defaultsOf = <Value>(schema: AvroSchema): Value =>
  Object.fromEntries(
    (schema as { fields: readonly { name: string; default?: unknown }[] }).fields.map(({ name, default: value }) => [name, value ?? null]),
  ) as Value;

export const policyToken = 't1.policy';
export const memberToken = 't1.member';

export const aLine = (over: Partial<ClaimLine> = {}): ClaimLine => ({
  line: 1,
  procedureCode: '99213',
  revenueCode: '',
  modifiers: [],
  unitsThousandths: 1000,
  unitBasis: 'UN',
  chargeCents: 12_000,
  placeOfService: '',
  diagnosisPointers: [1],
  serviceFrom: null,
  serviceTo: null,
  renderingProviderId: '',
  priorPaidCents: null,
  ...over,
});

/** A visit of 120.00 on 1 March 2024, received on the 10th. */
export function aClaim(over: Partial<ClaimSubmitted> = {}): ClaimSubmitted {
  const { claimId = 'C1', lines = [aLine()] } = over;
  return {
    ...defaultsOf<ClaimSubmitted>(schemas.claimSubmitted),
    submissionId: `s-${claimId}`,
    policyToken,
    patientToken: 't1.patient',
    memberToken,
    subscriberToken: memberToken,
    claimId,
    contentHash: claimId,
    providerId: 'PROV_001',
    serviceFrom: dayOfDate('2024-03-01'),
    serviceTo: dayOfDate('2024-03-01'),
    receivedOn: dayOfDate('2024-03-10'),
    receivedAt: Date.UTC(2024, 2, 10),
    placeOfService: '11',
    diagnosisCodes: ['E119'],
    totalCents: lines.reduce((sum, { chargeCents }) => sum + chargeCents, 0),
    lines,
    ...over,
  };
}

/** Covered by plan P since the beginning of 2020. */
export const aMember = (over: Partial<MemberChanged> = {}): MemberChanged => ({
  ...defaultsOf<MemberChanged>(schemas.memberChanged),
  policyToken,
  memberToken,
  version: 1,
  patientToken: 't1.patient',
  subscriberToken: memberToken,
  birthDate: dayOfDate('1980-05-05'),
  sex: 'female',
  coverage: [{ from: dayOfDate('2020-01-01'), to: null, planId: 'P', groupNumber: '' }],
  ...over,
});

/** 50.00 deductible, then 20 % up to 1,000.00 out of pocket; the family has a deductible of 80.00. */
export const aPlan = (over: Partial<PlanChanged> = {}): PlanChanged => ({
  ...defaultsOf<PlanChanged>(schemas.planChanged),
  planId: 'P',
  version: 1,
  effectiveFrom: dayOfDate('2020-01-01'),
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
  effectiveFrom: dayOfDate('2020-01-01'),
  effectiveTo: null,
  unitCents: 10_000,
  ...over,
});

export const aProvider = (over: Partial<ProviderChanged> = {}): ProviderChanged => ({
  ...defaultsOf<ProviderChanged>(schemas.providerChanged),
  providerId: 'PROV_001',
  version: 1,
  effectiveFrom: dayOfDate('2020-01-01'),
  providerType: 'physician',
  networks: ['P'],
  eligible: true,
  ...over,
});

/** A person releases what waits. */
export const aReview = (over: Partial<ReviewDecided>): ReviewDecided => ({
  ...defaultsOf<ReviewDecided>(schemas.reviewDecided),
  policyToken,
  decision: 'release',
  person: 'someone',
  reason: 'seen',
  ...over,
});
