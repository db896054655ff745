import {
  topics,
  type Authorization,
  type ClaimLine,
  type ClaimSubmitted,
  type CoveragePeriod,
  type EditChanged,
  type FeeScheduleChanged,
  type LineAdjustment,
  type LineReason,
  type MemberChanged,
  type PendReason,
  type PlanBenefit,
  type ProviderChanged,
} from '@vigil/contracts';
import type { SubStage } from './adjudication.ts';
import type { AdjudicationSettings } from './adjudication-settings.ts';
import { planYearOf } from './calendar.ts';
import type { ClaimWorld, Day, KnownService } from './claim-world.ts';
import { noPlan, termsOf, type NetworkTerms, type PlanTerms } from './plan-terms.ts';

/** One line while it is being adjudicated. */
export interface LineCase {
  readonly line: ClaimLine;
  /** First day of service: its own, else the claim's. */
  readonly day: Day;
  /** Whether a day was given; without one a rule of the first step denies the claim, and `day` says nothing. */
  readonly dated: boolean;
  /** Procedure code, else revenue code: what edits and authorisations speak of. */
  readonly code: string;
  /** Place of service: its own, else the claim's. */
  readonly place: string;
  denied: boolean;
  /** Where the line was denied. */
  deniedIn: SubStage | undefined;
  /** Units that are priced, in thousandths: less than billed where an edit cut them. */
  units: number;
  /** Charge of those units. */
  chargeCents: number;
  allowedCents: number;
  paidCents: number;
  adjustments: LineAdjustment[];
  rarc: string[];
  reasons: LineReason[];
  benefit: PlanBenefit | undefined;
  /** What a unit costs; undefined = there is no price, the line is allowed as charged. */
  price: FeeScheduleChanged | undefined;
  /** The plan as of the day of this line; `noPlan` = not known. */
  terms: PlanTerms;
  planYear: number;
  /** The authorisation that the line uses. */
  grant: Authorization | undefined;
}

/** A line that is column one of NCCI pairs. */
export interface ColumnOne {
  readonly line: LineCase;
  readonly pairs: readonly EditChanged[];
}

/** A claim while it is being adjudicated: what was looked up for it, and what was found. */
export interface ClaimCase {
  readonly claim: ClaimSubmitted;
  readonly world: ClaimWorld;
  readonly settings: AdjudicationSettings;
  /** Without a member the rules from the fourth step on see nobody: no coverage, nothing on file. */
  readonly member: MemberChanged;
  readonly lines: readonly LineCase[];
  /** The lines that a decision tells: of a claim without any one that stands for it, with its total and no code. */
  readonly toldLines: readonly LineCase[];
  /** Day whose plan counts for the claim as a whole; as with a line, it says nothing where none was given. */
  readonly day: Day;
  readonly lookedAt: ReadonlySet<string>;
  /** Greatest version looked at, by reference topic. */
  readonly versions: Record<string, number>;
  readonly claimReasons: LineReason[];
  pendReasons: PendReason[];
  /** Code, line and field of each of them. */
  toldPends: Set<string> | undefined;
  /** Plan of the coverage that answers for the claim, also where it is not known; empty = no coverage. */
  planId: string;
  /** The plan as of the day of the claim; `noPlan` = not known. */
  terms: PlanTerms;
  planYear: number | null;
  provider: ProviderChanged | undefined;
  network: '' | 'in' | 'out';
  /** undefined = nobody asked yet. */
  columnOnes: readonly ColumnOne[] | undefined;
}

const nobody: MemberChanged = {
  policyToken: '',
  memberToken: '',
  version: 0,
  patientToken: '',
  subscriberToken: '',
  relationship: '',
  nameToken: null,
  birthDate: null,
  deathDate: null,
  sex: '',
  coverage: [],
  otherPayers: [],
  authorizations: [],
};

export const pendKey = (code: string, line: number): string => `${code}:${line}`;
const nothingLookedAt: ReadonlySet<string> = new Set();

const noLine: ClaimLine = {
  line: 1,
  procedureCode: '',
  revenueCode: '',
  modifiers: [],
  unitsThousandths: 0,
  unitBasis: 'UN',
  chargeCents: 0,
  placeOfService: '',
  diagnosisPointers: [],
  serviceFrom: null,
  serviceTo: null,
  renderingProviderId: '',
  priorPaidCents: null,
};

function openLine(line: ClaimLine, claim: ClaimSubmitted): LineCase {
  return {
    line,
    day: line.serviceFrom ?? claim.serviceFrom ?? 0,
    dated: line.serviceFrom !== null || claim.serviceFrom !== null,
    code: line.procedureCode === '' ? line.revenueCode : line.procedureCode,
    place: line.placeOfService === '' ? claim.placeOfService : line.placeOfService,
    denied: false,
    deniedIn: undefined,
    units: line.unitsThousandths,
    chargeCents: line.chargeCents,
    allowedCents: 0,
    paidCents: 0,
    adjustments: [],
    rarc: [],
    reasons: [],
    benefit: undefined,
    price: undefined,
    terms: noPlan,
    planYear: 0,
    grant: undefined,
  };
}

export function openCase(claim: ClaimSubmitted, world: ClaimWorld, settings: AdjudicationSettings): ClaimCase {
  const lines = claim.lines.map((line) => openLine(line, claim));
  return {
    claim,
    world,
    settings,
    member: world.member ?? nobody,
    lines,
    toldLines: lines.length > 0 ? lines : [openLine({ ...noLine, chargeCents: claim.totalCents }, claim)],
    day: claim.serviceFrom ?? lines[0]?.day ?? 0,
    lookedAt: world.lookedAt.length === 0 ? nothingLookedAt : new Set(world.lookedAt.map(({ code, line }) => pendKey(code, line))),
    versions: {},
    claimReasons: [],
    pendReasons: [],
    toldPends: undefined,
    planId: '',
    terms: noPlan,
    planYear: null,
    provider: undefined,
    network: '',
    columnOnes: undefined,
  };
}

/** Remembers that a decision looked at a row. */
export function noteVersion(at: ClaimCase, table: string, version: number): void {
  const known = at.versions[table];
  if (known === undefined || known < version) at.versions[table] = version;
}

/** The period that covers a day. */
export function coverageOn(member: MemberChanged, day: Day): CoveragePeriod | undefined {
  for (const period of member.coverage) if (period.from <= day && (period.to === null || day <= period.to)) return period;
  return undefined;
}

/**
 * The period whose plan answers for the claim: the one in force on its day; else the last before it, else the first, so that a
 * claim out of coverage is refused under the plan that the member had.
 */
function periodFor(member: MemberChanged, day: Day): CoveragePeriod | undefined {
  let last: CoveragePeriod | undefined;
  let first: CoveragePeriod | undefined;
  for (const period of member.coverage) {
    if (period.from <= day && (last === undefined || period.from > last.from)) last = period;
    if (first === undefined || period.from < first.from) first = period;
  }
  return coverageOn(member, day) ?? last ?? first;
}

const planOn = (at: ClaimCase, planId: string, day: Day): PlanTerms => {
  const plan = at.world.reference.plan(planId, day);
  if (plan === undefined) return noPlan;
  noteVersion(at, topics.planChanged.name, plan.version);
  return termsOf(plan);
};

/** Looks up member, coverage, plan and provider: all that the rules from the third step on judge. */
export function enrichCase(at: ClaimCase): void {
  const { member, reference } = at.world;
  const { day, claim } = at;
  at.provider = reference.provider(claim.providerId, day);
  if (at.provider !== undefined) noteVersion(at, topics.providerChanged.name, at.provider.version);
  if (member === undefined) return;
  noteVersion(at, topics.memberChanged.name, member.version);
  const period = periodFor(member, day);
  if (period === undefined) return;
  const { planId } = period;
  at.planId = planId;
  at.terms = planOn(at, planId, day);
  if (at.terms === noPlan) return;
  at.planYear = planYearOf(day, at.terms.plan.planYearStartMonth);
  at.network = at.provider?.networks.includes(planId) === true ? 'in' : 'out';
  for (const line of at.lines) {
    const same = line.day === day;
    line.terms = same ? at.terms : planOn(at, planId, line.day);
    line.planYear = same ? at.planYear : planYearOf(line.day, line.terms.plan.planYearStartMonth);
    line.benefit = line.terms.benefitOf(line.line.procedureCode, line.line.revenueCode);
  }
}

/** What the plan asks of a line in the network of the claim. */
export const networkTermsOf = (at: ClaimCase, terms: PlanTerms): NetworkTerms => (at.network === 'in' ? terms.in : terms.out);

/** Services of the member on a day that were decided, the denied ones among them. */
export function standingServices(at: ClaimCase, day: Day): readonly KnownService[] {
  return at.world.history.services(at.claim.memberToken, day);
}
