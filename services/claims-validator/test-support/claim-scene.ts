import type {
  ClaimLine,
  ClaimSubmitted,
  CodeChanged,
  EditChanged,
  FeeScheduleChanged,
  MemberChanged,
  PendReason,
  PlanChanged,
  ProviderChanged,
  ReviewDecided,
} from '@vigil/contracts';
import { defaultAdjudicationSettings, type AdjudicationSettings } from '../src/domain/adjudication-settings.ts';
import type { AccumulatorBook, AccumulatorKey, ClaimWorld, KnownService, ReferenceBook } from '../src/domain/claim-world.ts';
import { createReferenceBook } from '../src/reference/create-reference-book.ts';
import { referenceTables } from '../src/reference/reference-tables.ts';
import { aLine, aSubmittedClaim, day } from './records.ts';
import { aPlan, theCodes, theEdits, thePrices, theProviders } from './scene-reference.ts';

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

/** An office visit for 150.00 on 15 March 2024, received on the 20th; lines get their numbers and the total is theirs. */
export function aClaim(over: Partial<ClaimSubmitted> = {}, lines: readonly Partial<ClaimLine>[] = [{}]): ClaimSubmitted {
  return aSubmittedClaim({
    submissionId: 's-1',
    policyToken: 't.policy',
    patientToken: 't.patient',
    memberToken: 't.member',
    subscriberToken: 't.member',
    nameToken: 't.name',
    relationship: 'self',
    claimId: 'CLM_1',
    contentHash: 'h',
    groupNumber: 'G',
    serviceFrom: day('2024-03-15'),
    serviceTo: day('2024-03-15'),
    receivedOn: day('2024-03-20'),
    lines: lines.map((line, index) => aLine({ line: index + 1, ...line })),
    ...over,
  });
}

/** One service of an earlier claim: the visit of `aClaim`, paid. */
export const aKnownService = (over: Partial<KnownService> = {}): KnownService => ({
  claimId: 'CLM_0',
  scope: '',
  submissionId: 's-0',
  line: 1,
  providerId: 'PROV_001',
  renderingProviderId: '',
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
  return createReferenceBook(Object.fromEntries(views));
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
  readonly asked?: readonly PendReason[];
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
    asked: changes.asked ?? [],
    lookedAt: changes.lookedAt ?? [],
  };
}

export const theSettings = (over: Partial<AdjudicationSettings> = {}): AdjudicationSettings => ({
  ...defaultAdjudicationSettings,
  ...over,
});
