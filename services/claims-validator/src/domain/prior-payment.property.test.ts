import { expect, test } from '@jest/globals';
import type { PriorPayer } from '@vigil/contracts';
import fc from 'fast-check';
import { arbitraryClaim } from '../../test-support/arbitrary-claim.ts';
import { aClaim } from '../../test-support/claim-scene.ts';
import { priorPaymentsOf } from './prior-payment.ts';

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

test('whatever payers before told, of no line more is paid and left than it charges, and nothing below zero', () => {
  fc.assert(
    fc.property(arbitraryClaim, (claim) => {
      for (const [index, { paidCents, patientCents }] of (priorPaymentsOf(claim) ?? []).entries()) {
        expect(Math.min(paidCents, patientCents)).toBeGreaterThanOrEqual(0);
        expect(paidCents + patientCents).toBeLessThanOrEqual(claim.lines[index]?.chargeCents ?? 0);
      }
    }),
    { numRuns: 400 },
  );
});

const nothingTold: PriorPayer = { payerId: 'PAY9', sequence: 'P', allowedCents: null, paidCents: 0, patientCents: null, adjustments: [] };

/** Lines that charge something, and what a payer paid of it, wrote off and left to the patient. */
const decidedClaim = fc.array(fc.integer({ min: 1, max: 60_000 }), { minLength: 1, maxLength: 8 }).chain((charges) => {
  const total = sum(charges);
  return fc
    .tuple(fc.nat(total), fc.nat(total))
    .map((cuts) => cuts.toSorted((a, b) => a - b))
    .map(([first = 0, second = 0]) => ({ charges, paid: first, patient: second - first, writtenOff: total - second }));
});

test('what was told for the claim is on its lines to the cent, in whatever way it was told', () => {
  fc.assert(
    fc.property(decidedClaim, ({ charges, paid, patient, writtenOff }) => {
      const ways: readonly Partial<PriorPayer>[] = [
        { patientCents: patient },
        { allowedCents: paid + patient },
        {
          adjustments: [
            { line: 0, group: 'CO', carc: '45', cents: writtenOff },
            { line: 0, group: 'PR', carc: '2', cents: patient },
          ],
        },
        // The lines tell what was written off, the claim what was left.
        { adjustments: [...writtenOffByLine(charges, { paid, writtenOff }), { line: 0, group: 'PR', carc: '2', cents: patient }] },
      ];
      for (const way of ways) {
        const claim = aClaim(
          { coverageType: 'secondary', priorPayers: [{ ...nothingTold, paidCents: paid, ...way }] },
          charges.map((chargeCents) => ({ chargeCents })),
        );
        const lines = priorPaymentsOf(claim) ?? [];
        expect([sum(lines.map(({ paidCents }) => paidCents)), sum(lines.map(({ patientCents }) => patientCents))]).toEqual([paid, patient]);
      }
    }),
    { numRuns: 300 },
  );
});

/** Written off from the first line on, of each no more than what is paid leaves of it. */
function writtenOffByLine(charges: readonly number[], { paid, writtenOff }: { readonly paid: number; readonly writtenOff: number }) {
  const [first] = [
    priorPaymentsOf(
      aClaim(
        { priorPayers: [{ ...nothingTold, paidCents: paid }] },
        charges.map((chargeCents) => ({ chargeCents })),
      ),
    ),
  ];
  let left = writtenOff;
  return charges.map((charge, index) => {
    const cents = Math.min(left, charge - (first?.[index]?.paidCents ?? 0));
    left -= cents;
    return { line: index + 1, group: 'CO', carc: '45', cents };
  });
}
