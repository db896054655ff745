import { mostFilingDays, planSettingProblems, topics, type PlanBenefit } from '@vigil/contracts';
import { basisPoints, cents, id, oneOf, orNull, pairs, text, version, day, whole, wholeUpTo, words, yesOrNo } from '../csv-cells.ts';
import type { CsvRead, CsvRow, RowOf } from '../read-csv.ts';
import type { ReferenceProblem } from '../reference-problem.ts';
import { effectiveRecord, isoDay, type ReadRecords } from '../reference-record.ts';
import { effectiveColumns } from './effective-columns.ts';

export const planColumns = {
  plan_id: id,
  ...effectiveColumns,
  payer_id: id,
  payer_aliases: words,
  schedule_in: text,
  schedule_out: text,
  plan_year_start_month: oneOf('1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12'),
  deductible_in: cents,
  deductible_out: cents,
  family_deductible_in: orNull(cents),
  family_deductible_out: orNull(cents),
  out_of_pocket_in: orNull(cents),
  out_of_pocket_out: orNull(cents),
  family_out_of_pocket_in: orNull(cents),
  family_out_of_pocket_out: orNull(cents),
  timely_filing_days: wholeUpTo(mostFilingDays, 'limits are not counted for so long'),
  settings: pairs,
};

export const benefitColumns = {
  plan_id: id,
  plan_version: version,
  plan_effective_from: day,
  service: id,
  covered: yesOrNo,
  deductible_applies: yesOrNo,
  coinsurance_in: basisPoints,
  coinsurance_out: basisPoints,
  copay_in: cents,
  copay_out: cents,
  prior_authorization: yesOrNo,
  max_visits: orNull(whole),
  max_amount: orNull(cents),
  lifetime_max_amount: orNull(cents),
};

type PlanRow = RowOf<typeof planColumns>;
type BenefitRow = RowOf<typeof benefitColumns>;

const benefitOf = (row: BenefitRow): PlanBenefit => ({
  service: row.service,
  covered: row.covered,
  deductibleApplies: row.deductible_applies,
  coinsuranceInBps: row.coinsurance_in,
  coinsuranceOutBps: row.coinsurance_out,
  copayInCents: row.copay_in,
  copayOutCents: row.copay_out,
  priorAuthorization: row.prior_authorization,
  maxVisits: row.max_visits,
  maxCents: row.max_amount,
  lifetimeMaxCents: row.lifetime_max_amount,
});

function planRecord({ row, place }: CsvRow<PlanRow>, benefits: readonly PlanBenefit[]) {
  const { record, force } = effectiveRecord(topics.planChanged, [row.plan_id], row);
  const value = {
    planId: row.plan_id,
    ...force,
    payerId: row.payer_id,
    payerAliases: row.payer_aliases,
    scheduleIn: row.schedule_in,
    scheduleOut: row.schedule_out,
    planYearStartMonth: Number(row.plan_year_start_month),
    deductibleInCents: row.deductible_in,
    deductibleOutCents: row.deductible_out,
    familyDeductibleInCents: row.family_deductible_in,
    familyDeductibleOutCents: row.family_deductible_out,
    outOfPocketInCents: row.out_of_pocket_in,
    outOfPocketOutCents: row.out_of_pocket_out,
    familyOutOfPocketInCents: row.family_out_of_pocket_in,
    familyOutOfPocketOutCents: row.family_out_of_pocket_out,
    timelyFilingDays: row.timely_filing_days,
    benefits,
    settings: row.settings,
  };
  return { ...record, place, value };
}

const nameOf = (planId: string, from: number, versionNumber: number): string => `${planId} ${isoDay(from)} ${versionNumber}`;

/** A setting that is misspelt would silently be its default. */
const settingProblems = ({ row, place }: CsvRow<PlanRow>): ReferenceProblem[] =>
  planSettingProblems(row.settings).map((told) => ({ ...place, column: 'settings', reason: `${told} is no setting of a plan` }));

/** A plan with its benefits, in the order of their file: the first that means a service counts. */
export function readPlans(plans: CsvRead<PlanRow>, benefits: CsvRead<BenefitRow>): ReadRecords {
  const byPlan = new Map<string, PlanBenefit[]>(plans.rows.map(({ row }) => [nameOf(row.plan_id, row.effective_from, row.version), []]));
  const problems: ReferenceProblem[] = [...plans.problems, ...plans.rows.flatMap(settingProblems), ...benefits.problems];
  for (const { row, place } of benefits.rows) {
    const own = byPlan.get(nameOf(row.plan_id, row.plan_effective_from, row.plan_version));
    if (own) own.push(benefitOf(row));
    else if (plans.problems.length === 0)
      problems.push({ ...place, column: 'plan_id', reason: 'no such plan with that version and beginning in plans.csv' });
  }
  const records = plans.rows.map((row) =>
    planRecord(row, byPlan.get(nameOf(row.row.plan_id, row.row.effective_from, row.row.version)) ?? []),
  );
  return { records, problems };
}
