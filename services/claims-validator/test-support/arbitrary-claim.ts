import { type ClaimLine, type ClaimSubmitted, type PlanChanged, type PriorPayer, planSettings } from '@vigil/contracts';
import fc from 'fast-check';
import { aClaim, type SceneChanges } from './claim-scene.ts';
import { day } from './records.ts';

const codes = [
  '99213',
  '99214',
  '99215',
  '85025',
  '80053',
  '82947',
  '36415',
  '29881',
  '11042',
  'J1885',
  '70450',
  '71046',
  '97110',
  'E0143',
  'A0429',
  '99080',
  '99499',
  'NONE',
  '',
];

const cents = fc.oneof(fc.nat(60_000), fc.nat(5_000_000), fc.constantFrom(0, 1));
const orNull = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });

const line: fc.Arbitrary<Partial<ClaimLine>> = fc.record({
  procedureCode: fc.constantFrom(...codes),
  revenueCode: fc.constantFrom('', '', '', '0450', '0120', '0999'),
  modifiers: fc.subarray(['25', '26', '59', '76', 'LT', 'QQ'], { maxLength: 2 }),
  unitsThousandths: fc.oneof(
    fc.constant(1_000),
    fc.integer({ min: 1, max: 12 }).map((units) => units * 1_000),
    fc.nat(9_999),
  ),
  chargeCents: cents,
  serviceFrom: orNull(fc.integer({ min: day('2023-12-20'), max: day('2024-04-10') })),
  diagnosisPointers: fc.subarray([1, 2]),
  priorPaidCents: orNull(fc.nat(20_000)),
});

const priorPayer: fc.Arbitrary<PriorPayer> = fc.record({
  payerId: fc.constant('PAY9'),
  sequence: fc.constantFrom('P', 'S', 'T'),
  allowedCents: orNull(cents),
  paidCents: cents,
  patientCents: orNull(cents),
  adjustments: fc.array(
    fc.record({ line: fc.nat(3), group: fc.constantFrom('CO', 'PR', 'OA'), carc: fc.constantFrom('45', '1', '2'), cents }),
    { maxLength: 3 },
  ),
});

/** Claims of all kinds, good and bad. */
export const arbitraryClaim: fc.Arbitrary<ClaimSubmitted> = fc
  .record({
    lines: fc.array(line, { maxLength: 6 }),
    /** Now and then the total is wrong. */
    off: fc.constantFrom(0, 0, 0, 0, 0, 0, 1),
    over: fc.record({
      serviceFrom: fc.integer({ min: day('2023-12-20'), max: day('2024-04-10') }),
      serviceTo: fc.constant(null),
      receivedOn: fc.integer({ min: day('2024-03-20'), max: day('2025-04-10') }),
      providerId: fc.constantFrom('PROV_001', 'PROV_001', 'PROV_OUT', 'PROV_BARRED', 'PROV_NEW', ''),
      coverageType: fc.constantFrom('primary', 'primary', 'secondary'),
      diagnosisCodes: fc.subarray(['E119', 'M5450', 'R519', 'bad']),
      priorAuthorization: fc.constantFrom('', 'AUTH-1', 'AUTH-2'),
      drg: fc.constantFrom('', '', '', '470'),
      priorPayers: fc.oneof(fc.constant([]), fc.array(priorPayer, { maxLength: 2 })),
    }),
  })
  .map(({ lines, off, over }) => {
    const claim = aClaim(over, lines);
    return { ...claim, totalCents: claim.totalCents + off };
  });

const settings: fc.Arbitrary<Record<string, string>> = fc
  .tuple(...Object.values(planSettings).map(({ key, values }) => fc.constantFrom(...values).map((value) => [key, value] as const)))
  .map((entries) => Object.fromEntries(entries));

const limit = fc.oneof(fc.nat(30_000), fc.nat(500_000));

/** Plans with any choice of settings and any limits. */
export const arbitraryPlan: fc.Arbitrary<Partial<PlanChanged>> = fc.record({
  settings,
  deductibleInCents: limit,
  deductibleOutCents: limit,
  familyDeductibleInCents: orNull(limit),
  familyDeductibleOutCents: orNull(limit),
  outOfPocketInCents: orNull(limit),
  outOfPocketOutCents: orNull(limit),
  familyOutOfPocketInCents: orNull(limit),
  familyOutOfPocketOutCents: orNull(limit),
  planYearStartMonth: fc.integer({ min: 1, max: 12 }),
  timelyFilingDays: fc.constantFrom(0, 90, 400),
});

/** A world in which most of a claim is found, its plan as arbitrary, and everything that pends was looked at or not. */
export const arbitraryScene: fc.Arbitrary<SceneChanges> = fc.record({
  plan: arbitraryPlan,
  today: fc.constant(day('2025-04-10')),
  lookedAt: fc.constantFrom(
    [],
    [{ code: 'DRG_PRICED', field: '', line: 0 }, ...[1, 2, 3, 4, 5, 6].map((line) => ({ code: 'UNPRICED', field: '', line }))],
  ),
});
