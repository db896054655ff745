import type {
  ClaimLine,
  ClaimSubmitted,
  CodeChanged,
  EditChanged,
  FeeScheduleChanged,
  MemberChanged,
  PendReason,
  PlanBenefit,
  PlanChanged,
  ProviderChanged,
  ReviewDecided,
} from '@vigil/contracts';
import { defaultAdjudicationSettings, type AdjudicationSettings } from '../src/domain/adjudication-settings.ts';
import type { AccumulatorBook, AccumulatorKey, ClaimWorld, KnownService, ReferenceBook } from '../src/domain/claim-world.ts';
import { createReferenceBook } from '../src/reference/create-reference-book.ts';
import { referenceTables, type ReferenceTables } from '../src/reference/reference-tables.ts';

/** Days since 1970-01-01. */
export const day = (date: string): number => Date.parse(`${date}T00:00:00Z`) / 86_400_000;

const always = { version: 1, effectiveFrom: day('2020-01-01'), effectiveTo: null };

const benefit = (service: string, over: Partial<PlanBenefit> = {}): PlanBenefit => ({
  service,
  covered: true,
  deductibleApplies: false,
  coinsuranceInBps: 0,
  coinsuranceOutBps: 4_000,
  copayInCents: 0,
  copayOutCents: 0,
  priorAuthorization: false,
  maxVisits: null,
  maxCents: null,
  lifetimeMaxCents: null,
  ...over,
});

/** Plan PPO, in network: deductible 500 (family 1,000), out of pocket at most 2,000 (family 4,000). */
export const aPlan = (over: Partial<PlanChanged> = {}): PlanChanged => ({
  planId: 'PPO',
  ...always,
  payerId: 'PAY1',
  payerAliases: ['PAY1-OLD'],
  scheduleIn: 'IN',
  scheduleOut: 'OUT',
  planYearStartMonth: 1,
  deductibleInCents: 50_000,
  deductibleOutCents: 100_000,
  familyDeductibleInCents: 100_000,
  familyDeductibleOutCents: null,
  outOfPocketInCents: 200_000,
  outOfPocketOutCents: null,
  familyOutOfPocketInCents: 400_000,
  familyOutOfPocketOutCents: null,
  timelyFilingDays: 0,
  benefits: [
    benefit('99080', { covered: false }),
    benefit('36415'),
    benefit('office-visit', { copayInCents: 2_000 }),
    benefit('laboratory'),
    benefit('preventive'),
    benefit('surgery', { deductibleApplies: true, coinsuranceInBps: 2_000 }),
    benefit('drug', { coinsuranceInBps: 2_000 }),
    benefit('radiology', { coinsuranceInBps: 2_000, priorAuthorization: true }),
    benefit('97110-97140', { copayInCents: 3_000, maxVisits: 2 }),
    benefit('dme', { coinsuranceInBps: 5_000, maxCents: 30_000 }),
    benefit('ambulance', { lifetimeMaxCents: 100_000 }),
    benefit('emergency', { coinsuranceInBps: 1_000, copayInCents: 10_000 }),
    benefit('room-and-board', { deductibleApplies: true, coinsuranceInBps: 2_000 }),
    benefit('01922', { coinsuranceInBps: 2_000 }),
  ],
  settings: {},
  ...over,
});

/** Price of a unit in cents. */
const pricesIn: Readonly<Record<string, number>> = {
  '99213': 12_000,
  '99214': 18_000,
  '99221': 20_000,
  '85025': 1_000,
  '80053': 1_450,
  '80061': 1_800,
  '82947': 500,
  '36415': 300,
  '99385': 15_000,
  '29881': 100_000,
  '11042': 40_000,
  J1885: 255,
  '70450': 25_000,
  '71046': 4_500,
  '77067': 13_000,
  '97110': 4_000,
  E0143: 8_000,
  E1390: 35_000,
  A0429: 45_000,
  A0425: 800,
  '0450': 60_000,
  '0120': 150_000,
  '01922': 150,
};

export const aPrice = (scheduleId: string, code: string, over: Partial<FeeScheduleChanged> = {}): FeeScheduleChanged => ({
  scheduleId,
  code,
  modifier: '',
  ...always,
  unitCents: 0,
  ...over,
});

export const thePrices = (): FeeScheduleChanged[] => [
  ...Object.entries(pricesIn).map(([code, unitCents]) => aPrice('IN', code, { unitCents })),
  aPrice('IN', '71046', { modifier: '26', unitCents: 1_500 }),
  aPrice('OUT', '99213', { unitCents: 9_000 }),
  aPrice('OUT', '29881', { unitCents: 80_000 }),
];

const aProvider = (providerId: string, over: Partial<ProviderChanged> = {}): ProviderChanged => ({
  providerId,
  ...always,
  idType: 'local',
  providerType: 'physician',
  taxonomy: '',
  networks: ['PPO'],
  eligible: true,
  ...over,
});

export const theProviders = (): ProviderChanged[] => [
  aProvider('PROV_001'),
  aProvider('PROV_002'),
  aProvider('PROV_OUT', { networks: [] }),
  aProvider('PROV_BARRED', { eligible: false }),
  aProvider('PROV_LEFT', { effectiveTo: day('2024-03-15') }),
  aProvider('LAB_1', { providerType: 'laboratory' }),
  aProvider('1234567893', { idType: 'npi' }),
];

const aCode = (system: string, code: string, over: Partial<CodeChanged> = {}): CodeChanged => ({
  system,
  code,
  ...always,
  description: '',
  ...over,
});

/** CPT is not loaded: its form alone decides. */
export const theCodes = (): CodeChanged[] => [
  ...['E119', 'J449', 'M5450', 'R519', 'Z0000'].map((code) => aCode('icd-10-cm', code)),
  aCode('icd-10-cm', 'M545', { effectiveTo: day('2024-03-14') }),
  ...['J1885', 'E0143', 'E1390', 'A0425', 'A0429'].map((code) => aCode('hcpcs', code)),
  aCode('hcpcs', 'E0142', { effectiveTo: day('2024-03-15') }),
  ...['25', '26', '59', '76', 'LT', 'RT'].map((code) => aCode('modifier', code)),
  aCode('modifier', 'CS', { effectiveTo: day('2024-03-15') }),
  ...['11', '21', '23', '81'].map((code) => aCode('place-of-service', code)),
  ...['0120', '0450'].map((code) => aCode('revenue', code)),
];

export const anEdit = (edit: string, code: string, over: Partial<EditChanged> = {}): EditChanged => ({
  edit,
  code,
  other: '',
  ...always,
  modifierAllowed: false,
  least: null,
  most: null,
  allowed: false,
  ...over,
});

export const theEdits = (): EditChanged[] => [
  anEdit('ncci-ptp', '29881', { other: '11042', modifierAllowed: true }),
  anEdit('ncci-ptp', '80053', { other: '82947' }),
  anEdit('bundle', '36415', { other: '99213', modifierAllowed: true }),
  anEdit('bundle', '99000', { other: '*' }),
  anEdit('mue', '97110', { most: 4 }),
  anEdit('mue', 'J1885', { most: 8 }),
  anEdit('modifier', '99213', { other: '26' }),
  anEdit('place-of-service', '99221', { other: '21', allowed: true }),
  anEdit('age', '99385', { least: 18, most: 39, allowed: true }),
  anEdit('sex', '77067', { other: 'female', allowed: true }),
  anEdit('diagnosis-procedure', '97110', { other: 'M', allowed: true }),
  anEdit('necessity', '70450', { other: 'R51', allowed: true }),
  anEdit('provider-type', '80061', { other: 'laboratory', allowed: true }),
];

/** Born 17 May 1980, covered by PPO in the whole of 2024. */
export const aMember = (over: Partial<MemberChanged> = {}): MemberChanged => ({
  policyToken: 't.policy',
  memberToken: 't.member',
  version: 1,
  patientToken: 't.patient',
  subscriberToken: 't.member',
  relationship: 'self',
  nameToken: 't.name',
  birthDate: day('1980-05-17'),
  deathDate: null,
  sex: 'female',
  coverage: [{ from: day('2024-01-01'), to: day('2024-12-31'), planId: 'PPO', groupNumber: 'G' }],
  otherPayers: [],
  authorizations: [
    { from: day('2024-03-01'), to: day('2024-03-31'), number: 'AUTH-1', procedureCode: '70450', unitsThousandths: 2_000 },
    { from: day('2024-03-01'), to: null, number: 'AUTH-2', procedureCode: '71046', unitsThousandths: 9_000 },
    { from: day('2024-03-01'), to: null, number: 'AUTH-3', procedureCode: '77067', unitsThousandths: 9_000 },
  ],
  ...over,
});

export const aLine = (over: Partial<ClaimLine> = {}): ClaimLine => ({
  line: 1,
  procedureCode: '99213',
  revenueCode: '',
  modifiers: [],
  unitsThousandths: 1_000,
  unitBasis: 'UN',
  chargeCents: 15_000,
  placeOfService: '',
  diagnosisPointers: [],
  serviceFrom: null,
  serviceTo: null,
  renderingProviderId: '',
  priorPaidCents: null,
  ...over,
});

/** An office visit for 150.00 on 15 March 2024, received on the 20th; lines get their numbers and the total is theirs. */
export function aClaim(over: Partial<ClaimSubmitted> = {}, lines: readonly Partial<ClaimLine>[] = [{}]): ClaimSubmitted {
  const numbered = lines.map((line, index) => aLine({ line: index + 1, ...line }));
  return {
    submissionId: 's-1',
    policyToken: 't.policy',
    patientToken: 't.patient',
    memberToken: 't.member',
    subscriberToken: 't.member',
    nameToken: 't.name',
    relationship: 'self',
    claimId: 'CLM_1',
    scope: '',
    contentHash: 'h',
    standing: 'first',
    format: 'json',
    claimType: 'professional',
    frequency: 'original',
    originalClaimId: null,
    providerId: 'PROV_001',
    providerIdType: 'local',
    renderingProviderId: '',
    payerId: '',
    groupNumber: 'G',
    coverageType: 'primary',
    serviceFrom: day('2024-03-15'),
    serviceTo: day('2024-03-15'),
    receivedOn: day('2024-03-20'),
    receivedAt: 0,
    placeOfService: '11',
    typeOfBill: '',
    drg: '',
    priorAuthorization: '',
    diagnosisCodes: ['E119'],
    totalCents: numbered.reduce((sum, { chargeCents }) => sum + chargeCents, 0),
    lines: numbered,
    priorPayers: [],
    problems: [],
    ...over,
  };
}

/** One service of an earlier claim: the visit of `aClaim`, paid. */
export const aKnownService = (over: Partial<KnownService> = {}): KnownService => ({
  claimId: 'CLM_0',
  scope: '',
  submissionId: 's-0',
  line: 1,
  providerId: 'PROV_001',
  procedureCode: '99213',
  revenueCode: '',
  modifiers: [],
  serviceFrom: day('2024-03-15'),
  unitsThousandths: 1_000,
  chargeCents: 15_000,
  paidCents: 10_000,
  denied: false,
  ...over,
});

export const aReview = (over: Partial<ReviewDecided> = {}): ReviewDecided => ({
  reviewId: 'r-1',
  submissionId: 's-1',
  policyToken: 't.policy',
  decision: 'release',
  group: '',
  carc: '',
  rarc: [],
  person: 'one',
  secondPerson: null,
  reason: 'seen',
  decidedAt: 0,
  ...over,
});

const keyText = ({ owner, planId, planYear, network, pot }: AccumulatorKey): string => [owner, planId, planYear, network, pot].join('|');

/** Accumulators in a map, by `owner|plan|year|network|pot`. */
export class MapBook implements AccumulatorBook {
  readonly amounts: Map<string, number>;
  constructor(amounts: Readonly<Record<string, number>> = {}) {
    this.amounts = new Map(Object.entries(amounts));
  }
  of(key: AccumulatorKey): number {
    return this.amounts.get(keyText(key)) ?? 0;
  }
  add(key: AccumulatorKey, amount: number): void {
    this.amounts.set(keyText(key), this.of(key) + amount);
  }
}

export interface Reference {
  readonly providers: readonly ProviderChanged[];
  readonly plans: readonly PlanChanged[];
  readonly prices: readonly FeeScheduleChanged[];
  readonly codes: readonly CodeChanged[];
  readonly edits: readonly EditChanged[];
}

/** The service's own reference book over these rows. */
export function bookOf(over: Partial<Reference> = {}): ReferenceBook {
  const rows: Reference = {
    providers: theProviders(),
    plans: [aPlan()],
    prices: thePrices(),
    codes: theCodes(),
    edits: theEdits(),
    ...over,
  };
  const views = Object.entries(referenceTables).map(([name, table]) => {
    const index = table.open() as { view: unknown; put: (key: string, row: unknown) => void };
    for (const [at, row] of rows[name as keyof Reference].entries()) index.put(String(at), row);
    return [name, index.view];
  });
  return createReferenceBook(Object.fromEntries(views) as unknown as ReferenceTables);
}

const sceneBook = bookOf();

/** What of the world is not as usual. */
export interface SceneChanges {
  readonly today?: number;
  readonly member?: Partial<MemberChanged> | null;
  readonly plan?: Partial<PlanChanged>;
  readonly reference?: Partial<Reference>;
  readonly amounts?: Readonly<Record<string, number>>;
  readonly history?: readonly KnownService[];
  readonly review?: Partial<ReviewDecided>;
  readonly lookedAt?: readonly PendReason[];
}

export function aWorld(changes: SceneChanges = {}): ClaimWorld & { readonly accumulators: MapBook } {
  const { plan, reference, history = [] } = changes;
  const changed = plan !== undefined || reference !== undefined;
  return {
    today: changes.today ?? day('2024-03-20'),
    member: changes.member === null ? undefined : aMember(changes.member),
    reference: changed ? bookOf({ plans: [aPlan(plan)], ...reference }) : sceneBook,
    accumulators: new MapBook(changes.amounts),
    history: { services: (memberToken, on) => (memberToken === 't.member' ? history.filter(({ serviceFrom }) => serviceFrom === on) : []) },
    review: changes.review === undefined ? undefined : aReview(changes.review),
    lookedAt: changes.lookedAt ?? [],
  };
}

export const theSettings = (over: Partial<AdjudicationSettings> = {}): AdjudicationSettings => ({
  ...defaultAdjudicationSettings,
  ...over,
});
