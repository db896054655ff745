import type { CodeChanged, EditChanged, FeeScheduleChanged, PlanBenefit, PlanChanged, ProviderChanged } from '@vigil/contracts';
import { day } from './records.ts';

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
    benefit('99221', { coinsuranceInBps: 2_000 }),
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

const anEdit = (edit: string, code: string, over: Partial<EditChanged> = {}): EditChanged => ({
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
