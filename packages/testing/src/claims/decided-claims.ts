import type { ClaimAdjudicated } from '@vigil/contracts';
import { hashId } from '@vigil/core';
import { createSeededRandom, type SeededRandom } from '../ward/seeded-random.ts';

type Line = ClaimAdjudicated['lines'][number];
type Adjustment = Line['adjustments'][number];

/** 2024-03-15 as days since 1970-01-01. */
const serviceDay = 19_797;
const decidedAt = Date.UTC(2024, 2, 20, 10, 30);

/** A paid claim of one line: 150.00 charged, 100.00 allowed, 64.00 paid, 36.00 left to the patient. */
export const aDecision = (changed: Partial<ClaimAdjudicated> = {}): ClaimAdjudicated => ({
  decisionId: hashId('decision', 1),
  submissionId: hashId('submission', 1),
  patientToken: 't1.patient-one',
  policyToken: 't1.policy-one',
  memberToken: 't1.member-one',
  claimId: 'CLM_1',
  submittedClaimId: changed.claimId ?? 'CLM_1',
  scope: '',
  outcome: 'paid',
  kind: 'decision',
  number: 1,
  reverses: null,
  frequency: 'original',
  claimType: 'professional',
  format: 'json',
  payerId: 'PAYER_A',
  planId: 'PLAN_1',
  planYear: 2024,
  network: 'in',
  providerId: '1234567893',
  providerIdType: 'npi',
  providerType: 'clinic',
  coverageType: 'primary',
  placeOfService: '11',
  diagnosisCodes: ['E119', 'I10'],
  serviceFrom: serviceDay,
  serviceTo: serviceDay,
  receivedOn: serviceDay + 2,
  receivedAt: decidedAt - 86_400_000,
  decidedAt,
  chargeCents: 15_000,
  allowedCents: 10_000,
  paidCents: 6_400,
  patientCents: 3_600,
  lines: [aDecidedLine()],
  pendReasons: [],
  claimReasons: [],
  reviewId: null,
  referenceVersions: { 'reference.plan.changed.v1': 3 },
  ...changed,
});

export const aDecidedLine = (changed: Partial<Line> = {}): Line => ({
  line: 1,
  procedureCode: '99213',
  revenueCode: '',
  modifiers: ['25'],
  unitsThousandths: 1000,
  serviceFrom: null,
  chargeCents: 15_000,
  allowedCents: 10_000,
  paidCents: 6_400,
  patientCents: 3_600,
  denied: false,
  adjustments: [
    { group: 'CO', carc: '45', cents: 5_000 },
    { group: 'PR', carc: '1', cents: 2_000 },
    { group: 'PR', carc: '2', cents: 1_600 },
  ],
  rarc: [],
  reasons: [
    { rule: 'FEE_SCHEDULE', table: 'reference.fee-schedule.changed.v1', row: 'STANDARD/99213', version: 7, detail: 'allowed 100.00' },
  ],
  ...changed,
});

const sumOf = (lines: readonly Line[], field: 'chargeCents' | 'allowedCents' | 'paidCents' | 'patientCents'): number =>
  lines.reduce((sum, line) => sum + line[field], 0);

/** A decision whose totals are those of `lines`. */
export const aDecisionOf = (lines: readonly Line[], changed: Partial<ClaimAdjudicated> = {}): ClaimAdjudicated =>
  aDecision({
    lines,
    chargeCents: sumOf(lines, 'chargeCents'),
    allowedCents: sumOf(lines, 'allowedCents'),
    paidCents: sumOf(lines, 'paidCents'),
    patientCents: sumOf(lines, 'patientCents'),
    outcome: lines.every(({ denied }) => denied) ? 'denied' : 'paid',
    ...changed,
  });

const negated = (cents: number): number => (cents === 0 ? 0 : -cents);

/** What takes `decision` back: the same in negative amounts, told by submission `by`. */
export const aReversalOf = (decision: ClaimAdjudicated, by: string, changed: Partial<ClaimAdjudicated> = {}): ClaimAdjudicated => ({
  ...decision,
  decisionId: hashId('reversal', decision.decisionId, by),
  submissionId: by,
  kind: 'reversal',
  outcome: 'reversed',
  frequency: 'replacement',
  reverses: decision.decisionId,
  decidedAt: decision.decidedAt + 86_400_000,
  chargeCents: negated(decision.chargeCents),
  allowedCents: negated(decision.allowedCents),
  paidCents: negated(decision.paidCents),
  patientCents: negated(decision.patientCents),
  lines: decision.lines.map((line) => ({
    ...line,
    chargeCents: negated(line.chargeCents),
    allowedCents: negated(line.allowedCents),
    paidCents: negated(line.paidCents),
    patientCents: negated(line.patientCents),
    adjustments: line.adjustments.map((adjustment) => ({ ...adjustment, cents: negated(adjustment.cents) })),
  })),
  ...changed,
});

const integerBelow = (random: SeededRandom, limit: number): number => Math.floor(random.next() * limit);

function deniedLine(random: SeededRandom, line: number, chargeCents: number): Line {
  const [group, carc] = random.pick<readonly [string, string]>([['CO', '16'], ['PR', '96'], ['CO', '236'], ['OA', '18']]); // prettier-ignore
  const adjustments = [{ group, carc, cents: chargeCents }];
  const patientCents = group === 'PR' ? chargeCents : 0;
  return aDecidedLine({ line, chargeCents, allowedCents: 0, paidCents: 0, patientCents, denied: true, adjustments, rarc: carc === '16' ? ['M79'] : [] }); // prettier-ignore
}

function pricedLine(random: SeededRandom, line: number, chargeCents: number): Line {
  let leftCents = chargeCents;
  const adjustments: Adjustment[] = [];
  for (const [group, carc] of [
    ['CO', '45'],
    ['OA', '23'],
    ['PR', '1'],
    ['PR', '2'],
    ['PR', '3'],
  ] as const) {
    // prettier-ignore
    if (random.chance(0.4)) continue;
    const cents = integerBelow(random, leftCents + 1);
    leftCents -= cents;
    if (cents > 0) adjustments.push({ group, carc, cents });
  }
  const patientCents = adjustments.reduce((sum, { group, cents }) => sum + (group === 'PR' ? cents : 0), 0);
  const discountCents = adjustments.find(({ carc }) => carc === '45')?.cents ?? 0;
  return aDecidedLine({
    line,
    procedureCode: random.pick(['99213', '99214', 'J1100', '80053', '']),
    revenueCode: random.pick(['', '0450']),
    modifiers: random.pick<readonly string[]>([[], ['25'], ['26', 'TC']]),
    unitsThousandths: random.pick([1000, 2000, 1500]),
    chargeCents,
    allowedCents: chargeCents - discountCents,
    paidCents: leftCents,
    patientCents,
    adjustments,
  });
}

/**
 * Balanced decisions as the adjudication writes them, in their order: paid, denied and pended claims, replacements (a
 * reversal and the new decision) and voids. The same seed gives the same decisions.
 */
export function decidedClaims(seed: number, count: number): readonly ClaimAdjudicated[] {
  const random = createSeededRandom(seed);
  const decisions: ClaimAdjudicated[] = [];
  const standing: ClaimAdjudicated[] = [];
  for (let place = 0; place < count; place++) {
    const submissionId = hashId('submission', seed, place);
    const at = decidedAt + place * 60_000;
    const replaced = standing.length > 0 && random.chance(0.25) ? standing.splice(integerBelow(random, standing.length), 1)[0] : undefined;
    if (replaced && random.chance(0.4)) {
      decisions.push(aReversalOf(replaced, submissionId, { frequency: 'void', decidedAt: at }));
      continue;
    }
    const lines = Array.from({ length: 1 + integerBelow(random, 4) }, (_, index) =>
      (random.chance(0.2) ? deniedLine : pricedLine)(random, index + 1, integerBelow(random, 500_000)),
    );
    const isPended = !replaced && random.chance(0.1);
    const decision = aDecisionOf(lines, {
      decisionId: hashId('decision', seed, place),
      submissionId,
      claimId: replaced?.claimId ?? `CLM_${seed}_${place}`,
      submittedClaimId: `CLM_${seed}_${place}`,
      patientToken: `t1.patient-${place % 7}`,
      memberToken: `t1.member-${place % 7}`,
      policyToken: `t1.policy-${place % 5}`,
      payerId: replaced?.payerId ?? random.pick(['PAYER_A', 'PAYER_B']),
      providerId: replaced?.providerId ?? random.pick(['1234567893', '1993999998', 'PROV_001']),
      frequency: replaced ? 'replacement' : 'original',
      decidedAt: at,
      receivedAt: at - 3_600_000,
      ...(isPended && { outcome: 'pended', pendReasons: [{ code: 'AMOUNT_RANGE', field: 'total_amount', line: 0 }] }),
    });
    const known = { ...decision, providerIdType: decision.providerId.startsWith('PROV') ? 'local' : 'npi' };
    if (replaced) decisions.push(aReversalOf(replaced, submissionId, { decidedAt: at }));
    decisions.push(known);
    if (!isPended) standing.push(known);
  }
  return decisions;
}
