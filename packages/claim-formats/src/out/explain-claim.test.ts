import { expect, test } from '@jest/globals';
import { aDecidedLine, aDecision, aReversalOf } from '@vigil/testing';
import { explainClaim } from './explain-claim.ts';
import { exportedClaimOf } from './write-claims-json.ts';

test('a decision is told line by line: money, adjustments, and which row of which table in which version', () => {
  const text = explainClaim([aDecision()]);

  expect(text.split('\n')).toEqual([
    'claim CLM_1, decision 1: paid at 2024-03-20T10:30:00.000Z',
    '  payer PAYER_A, plan PLAN_1, received 2024-03-17',
    '  charge 150.00 = paid 64.00 + adjustments 86.00, of which the patient owes 36.00',
    '  line 1: 99213-25 × 1',
    '    charge 150.00, allowed 100.00, paid 64.00, patient 36.00',
    '    CO-45 50.00',
    '    PR-1 20.00',
    '    PR-2 16.00',
    '    because FEE_SCHEDULE (reference.fee-schedule.changed.v1, STANDARD/99213, version 7): allowed 100.00',
  ]);
});

test('what waits for a person, what was taken back and what is unknown is said', () => {
  const reason = { rule: 'MEMBER_UNKNOWN', table: '', row: '', version: 0, detail: '' };
  const pended = aDecision({
    outcome: 'pended',
    payerId: '',
    planId: '',
    pendReasons: [
      { code: 'AMOUNT_RANGE', field: 'total_amount', line: 0 },
      { code: 'BAD_UNITS', field: '', line: 2 },
    ],
    claimReasons: [reason],
    lines: [aDecidedLine({ procedureCode: '', modifiers: [], denied: true, rarc: ['M79'], serviceFrom: 19_797, reasons: [{ ...reason, table: 'reference.code.changed.v1' }] })], // prettier-ignore
  });
  const text = explainClaim([pended, aReversalOf(aDecision(), 's2')]);

  expect(text).toContain('payer unknown, plan none found');
  expect(text).toContain(
    '  waits for a person: AMOUNT_RANGE (total_amount)\n  waits for a person: BAD_UNITS, line 2\n  because MEMBER_UNKNOWN\n',
  );
  expect(text).toContain('line 1: no valid code × 1 on 2024-03-15, denied');
  expect(text).toContain('    remarks M79\n    because MEMBER_UNKNOWN (reference.code.changed.v1)');
  expect(text).toContain('\n\nclaim CLM_1, reversal of an earlier decision: reversed');
  expect(text).toContain('charge -150.00 = paid -64.00 + adjustments -86.00');
});

test('the JSON form has what others rely on, tokens and no day before 1970', () => {
  expect(exportedClaimOf(aDecision())).toMatchObject({
    claimId: 'CLM_1',
    outcome: 'paid',
    lines: [
      {
        line: 1,
        chargeCents: 15_000,
        allowedCents: 10_000,
        paidCents: 6_400,
        adjustments: [
          { group: 'CO', carc: '45', cents: 5_000 },
          { group: 'PR', carc: '1', cents: 2_000 },
          { group: 'PR', carc: '2', cents: 1_600 },
        ],
        rarc: [],
      },
    ],
    serviceFrom: '2024-03-15',
    decidedAt: '2024-03-20T10:30:00.000Z',
  });
  const voided = { ...aDecision({ claimId: 'CLM_1', submittedClaimId: 'CLM_V' }), kind: 'reversal', outcome: 'reversed' };
  expect(exportedClaimOf(voided)).toMatchObject({ claimId: 'CLM_V', reversedClaimId: 'CLM_1' });
  expect(exportedClaimOf(aDecision({ serviceFrom: null, pendReasons: [{ code: 'A', field: 'b', line: 1 }] }))).toMatchObject({
    serviceFrom: null,
    pendReasons: [{ code: 'A', field: 'b', line: 1 }],
  });
});
