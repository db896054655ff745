import { type PlanBenefit, type PlanChanged, readPlanSettings, type PlanSettingValues, topics } from '@vigil/contracts';
import type { Evidence } from './evidence.ts';
import { meansCode } from './service-categories.ts';

/** What a plan asks and limits in one network. */
export interface NetworkTerms {
  readonly schedule: string;
  readonly deductibleCents: number;
  readonly familyDeductibleCents: number | null;
  readonly outOfPocketCents: number | null;
  readonly familyOutOfPocketCents: number | null;
}

/** One version of a plan, made ready: its settings read, its benefits found by code. */
export interface PlanTerms {
  readonly plan: PlanChanged;
  readonly settings: PlanSettingValues;
  readonly in: NetworkTerms;
  readonly out: NetworkTerms;
  /** First benefit of the list that means the procedure, else the revenue code; undefined = the plan has none. */
  readonly benefitOf: (procedureCode: string, revenueCode: string) => PlanBenefit | undefined;
  /** A benefit of the plan as the row that a decision names; undefined = none. Made once for each. */
  readonly evidenceOf: (benefit: PlanBenefit | undefined) => Evidence;
  /** The plan's group code for a reason, else the rule's own. */
  readonly groupOf: (carc: string, otherwise: string) => string;
}

/** More different codes than a plan's claims have; beyond, each is looked up anew. */
const mostRemembered = 20_000;

function findBenefits(benefits: readonly PlanBenefit[]): PlanTerms['benefitOf'] {
  const found = new Map<string, PlanBenefit | undefined>();
  return (procedureCode, revenueCode) => {
    const key = procedureCode === '' ? revenueCode : revenueCode === '' ? procedureCode : `${procedureCode}|${revenueCode}`;
    if (found.has(key)) return found.get(key);
    const benefit = benefits.find(({ service }) => meansCode(service, procedureCode) || meansCode(service, revenueCode));
    if (found.size < mostRemembered) found.set(key, benefit);
    return benefit;
  };
}

function nameBenefits({ planId, version }: PlanChanged): PlanTerms['evidenceOf'] {
  const known = new Map<PlanBenefit | undefined, Evidence>();
  return (benefit) => {
    let evidence = known.get(benefit);
    if (evidence === undefined) {
      evidence = { table: topics.planChanged.name, row: `${planId} ${benefit?.service ?? ''}`.trimEnd(), version };
      known.set(benefit, evidence);
    }
    return evidence;
  };
}

function compileTerms(plan: PlanChanged): PlanTerms {
  const groups = new Map<string, string>();
  for (const [key, value] of Object.entries(plan.settings)) if (key.startsWith('group.')) groups.set(key.slice('group.'.length), value);
  return {
    plan,
    settings: readPlanSettings(plan.settings),
    in: {
      schedule: plan.scheduleIn,
      deductibleCents: plan.deductibleInCents,
      familyDeductibleCents: plan.familyDeductibleInCents,
      outOfPocketCents: plan.outOfPocketInCents,
      familyOutOfPocketCents: plan.familyOutOfPocketInCents,
    },
    out: {
      schedule: plan.scheduleOut,
      deductibleCents: plan.deductibleOutCents,
      familyDeductibleCents: plan.familyDeductibleOutCents,
      outOfPocketCents: plan.outOfPocketOutCents,
      familyOutOfPocketCents: plan.familyOutOfPocketOutCents,
    },
    benefitOf: findBenefits(plan.benefits),
    evidenceOf: nameBenefits(plan),
    groupOf: groups.size === 0 ? (_carc, otherwise) => otherwise : (carc, otherwise) => groups.get(carc) ?? otherwise,
  };
}

const nothing = { scheduleIn: '', scheduleOut: '', deductibleInCents: 0, deductibleOutCents: 0, timelyFilingDays: 0 };
const limitless = { familyDeductibleInCents: null, familyDeductibleOutCents: null, outOfPocketInCents: null, outOfPocketOutCents: null };
const inForceAlways = { version: 0, effectiveFrom: 0, effectiveTo: null, planYearStartMonth: 1 };

/** The terms of a claim whose plan is not known: nothing is covered, nothing is chosen. */
export const noPlan: PlanTerms = compileTerms({
  ...nothing,
  ...limitless,
  ...inForceAlways,
  familyOutOfPocketInCents: null,
  familyOutOfPocketOutCents: null,
  planId: '',
  payerId: '',
  payerAliases: [],
  benefits: [],
  settings: {},
});

/** Only spares compiling: the same plan always gives the same terms, and a plan that is gone takes its terms with it. */
const compiled = new WeakMap<PlanChanged, PlanTerms>();

/** The terms of a plan version; made once per object. */
export function termsOf(plan: PlanChanged): PlanTerms {
  const known = compiled.get(plan);
  if (known !== undefined) return known;
  const terms = compileTerms(plan);
  compiled.set(plan, terms);
  return terms;
}
