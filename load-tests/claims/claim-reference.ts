import {
  topics,
  type CodeChanged,
  type EditChanged,
  type FeeScheduleChanged,
  type PlanBenefit,
  type PlanChanged,
  type ProviderChanged,
  type Topic,
} from '@vigil/contracts';
import { coveredFrom, planCount, planIdOf } from './claim-members.ts';

/** A record of a broadcast table; its values are of its topic. */
export interface ReferenceRecord {
  readonly topic: Topic;
  readonly key: string;
  readonly value: object;
}

export const providerCount = 1_000;
export const procedureCount = 400;
const diagnosisCount = 500;

export const providerIdAt = (index: number): string => `PRV_${String(index % providerCount).padStart(5, '0')}`;
/** Codes of the form of CPT: descriptions are nobody's but their owner's, numbers are free to make up. */
export const procedureAt = (index: number): string => String(80_000 + (index % procedureCount) * 7);
export const diagnosisAt = (index: number): string => `E${String(index % diagnosisCount).padStart(3, '0')}`;

const always = { version: 1, effectiveFrom: coveredFrom, effectiveTo: null };

const benefit = (service: string, over: Partial<PlanBenefit> = {}): PlanBenefit => ({
  service,
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
  ...over,
});

const planAt = (index: number): PlanChanged => ({
  ...always,
  planId: planIdOf(index),
  payerId: 'BENCH',
  payerAliases: [],
  scheduleIn: 'IN',
  scheduleOut: 'OUT',
  planYearStartMonth: 1,
  deductibleInCents: 50_000,
  deductibleOutCents: 100_000,
  familyDeductibleInCents: 100_000,
  familyDeductibleOutCents: null,
  outOfPocketInCents: 400_000,
  outOfPocketOutCents: null,
  familyOutOfPocketInCents: 800_000,
  familyOutOfPocketOutCents: null,
  timelyFilingDays: 0,
  benefits: [
    benefit('80000-80069', { deductibleApplies: false, copayInCents: 2_500, coinsuranceInBps: 0 }),
    benefit('80070-80139', { maxVisits: 60 }),
    benefit('*'),
  ],
  settings: {},
});

const providerAt = (index: number): ProviderChanged => ({
  ...always,
  providerId: providerIdAt(index),
  idType: 'local',
  providerType: 'physician',
  taxonomy: '',
  networks: index % 10 === 0 ? [] : Array.from({ length: planCount }, (_, plan) => planIdOf(plan)),
  eligible: true,
});

const priceAt = (scheduleId: string, index: number): FeeScheduleChanged => ({
  ...always,
  scheduleId,
  code: procedureAt(index),
  modifier: '',
  unitCents: 2_000 + (index % 40) * 500,
});

const codeAt = (system: string, code: string): CodeChanged => ({ ...always, system, code, description: '' });

const editAt = (edit: string, code: string, over: Partial<EditChanged>): EditChanged => ({
  ...always,
  edit,
  code,
  other: '',
  modifierAllowed: true,
  least: null,
  most: null,
  allowed: false,
  ...over,
});

const times = <Value>(count: number, make: (index: number) => Value): Value[] => Array.from({ length: count }, (_, index) => make(index));

/** Plans, providers, prices, code sets and edits, as large as needed for every rule to have something to look at. */
export function referenceRecords(): ReferenceRecord[] {
  const record = <Value extends object>(topic: Topic<Value>, value: Value): ReferenceRecord => ({
    topic,
    key: JSON.stringify(value),
    value,
  });
  return [
    ...times(planCount, (index) => record(topics.planChanged, planAt(index))),
    ...times(providerCount, (index) => record(topics.providerChanged, providerAt(index))),
    ...['IN', 'OUT'].flatMap((schedule) => times(procedureCount, (index) => record(topics.feeScheduleChanged, priceAt(schedule, index)))),
    ...times(procedureCount, (index) => record(topics.codeChanged, codeAt('cpt', procedureAt(index)))),
    ...times(diagnosisCount, (index) => record(topics.codeChanged, codeAt('icd-10-cm', diagnosisAt(index)))),
    ...['11', '22'].map((code) => record(topics.codeChanged, codeAt('place-of-service', code))),
    ...['25', '59'].map((code) => record(topics.codeChanged, codeAt('modifier', code))),
    ...times(procedureCount, (index) => record(topics.editChanged, editAt('mue', procedureAt(index), { most: 4 }))),
    ...times(procedureCount, (index) =>
      record(topics.editChanged, editAt('ncci-ptp', procedureAt(index), { other: procedureAt(index + 211) })),
    ),
  ];
}
