import { expect, test } from '@jest/globals';
import { decidedClaims } from '@vigil/testing';
import * as fc from 'fast-check';
import { assembleRemittances, payeeKeyOf, type ForwardBalance } from './assemble-remittances.ts';
import { checkRemittance } from './check-remittance.ts';
import { readRemittance } from './read-remittance.ts';
import type { Remittance, RemittedLine } from './remittance.ts';
import { writeRemittance } from './write-remittance.ts';

const seed = fc.integer({ min: 0, max: 2 ** 31 });
const payers = ['PAYER_A', 'PAYER_B'];

/** Cuts decisions into cycles at the places given, as exports do, and settles each with what the one before left. */
function cyclesOf(decisionsSeed: number, cuts: readonly number[]): readonly Remittance[] {
  const decisions = decidedClaims(decisionsSeed, 24);
  const bounds = [0, ...cuts.map((cut) => cut % (decisions.length + 1)), decisions.length].sort((a, b) => a - b);
  const remittances: Remittance[] = [];
  for (const payerId of payers) {
    const balances = new Map<string, ForwardBalance>();
    for (let cycle = 1; cycle < bounds.length; cycle++) {
      const own = decisions
        .slice(bounds[cycle - 1], bounds[cycle])
        .filter((decision) => decision.payerId === payerId && decision.outcome !== 'pended');
      const traceNumbers = new Map(own.map((decision) => [payeeKeyOf(decision), `T${cycle}-${payeeKeyOf(decision).replace(':', '-')}`]));
      const patientOf = () => ({ lastName: 'LAST', firstName: 'FIRST', memberId: 'M1' });
      const made = assembleRemittances({
        payerId,
        payer: { name: payerId },
        paidOn: 19_802,
        decisions: own,
        patientOf,
        balances,
        traceNumbers,
      });
      for (const { payeeKey, owedCents, remittance } of made) {
        balances.delete(payeeKey);
        if (owedCents > 0) balances.set(payeeKey, { traceNumber: remittance.traceNumber, owedCents });
        remittances.push(remittance);
      }
    }
  }
  return remittances;
}

const fileOf = (remittances: readonly Remittance[]) =>
  ({ controlNumber: 1, payerId: 'PAYER_A', createdAtMs: Date.UTC(2024, 2, 20, 14, 5), usage: 'test', remittances }) as const;

test('any decisions, cut into any cycles, balance at service, claim and payment level', () => {
  fc.assert(
    fc.property(seed, fc.array(fc.nat(), { maxLength: 4 }), (decisionsSeed, cuts) => {
      for (const remittance of cyclesOf(decisionsSeed, cuts)) expect(checkRemittance(remittance)).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

test('over all cycles a payee gets what its claims pay, less what is still owed', () => {
  fc.assert(
    fc.property(seed, fc.array(fc.nat(), { maxLength: 4 }), (decisionsSeed, cuts) => {
      const remittances = cyclesOf(decisionsSeed, cuts);
      for (const payer of payers) {
        const own = remittances.filter(({ payerId }) => payerId === payer);
        for (const payee of new Set(own.map(({ payee: { id } }) => id))) {
          const paid = own.filter((remittance) => remittance.payee.id === payee);
          const claims = paid.reduce(
            (sum, remittance) => sum + remittance.claims.reduce((inner, { paidCents }) => inner + paidCents, 0),
            0,
          );
          const forwarded = paid.at(-1)!.providerAdjustments.find(({ cents }) => cents < 0)?.cents ?? 0;
          expect(paid.reduce((sum, { paidCents }) => sum + paidCents, 0)).toBe(claims - forwarded);
        }
      }
    }),
    { numRuns: 60 },
  );
});

/** What an 835 cannot say: modifiers of a service without a procedure. */
const sayable = (line: RemittedLine): RemittedLine => (line.procedureCode === '' ? { ...line, modifiers: [] } : line);
/** Adjustments stand group by group. */
const grouped = ({ adjustments, ...line }: RemittedLine): RemittedLine => ({
  ...line,
  adjustments: [...Map.groupBy(adjustments, ({ group }) => group).values()].flat(),
});

test('what is written reads back equal', () => {
  fc.assert(
    fc.property(seed, fc.array(fc.nat(), { maxLength: 2 }), (decisionsSeed, cuts) => {
      const written = cyclesOf(decisionsSeed, cuts);
      const { files, problems } = readRemittance(writeRemittance(fileOf(written)));

      expect(problems).toEqual([]);
      const expected = written.map((remittance) => ({
        ...remittance,
        claims: remittance.claims.map((claim) => ({ ...claim, lines: claim.lines.map((line) => grouped(sayable(line))) })),
      }));
      expect(files).toEqual([fileOf(expected)]);
    }),
    { numRuns: 100 },
  );
});

test('one cent changed anywhere in the amounts of a written payment is found', () => {
  fc.assert(
    fc.property(seed, fc.nat(), (decisionsSeed, pick) => {
      const text = writeRemittance(fileOf(cyclesOf(decisionsSeed, [])));
      // Amounts that take part in an equation: BPR02, CLP03, CLP04, SVC02, SVC03, CAS03 and every third after it.
      const places = [
        ...text.matchAll(
          /(?<=^(?:BPR\*[IH]|CLP\*[^*]*\*[^*]*|CLP\*[^*]*\*[^*]*\*[^*]*|SVC\*[^*]*|SVC\*[^*]*\*[^*]*|CAS\*[^*]*\*[^*]*)\*)-?\d+\.\d\d/gm,
        ),
      ];
      const place = places[pick % places.length]!;
      const cents = Math.round(Number(place[0]) * 100) + 1;
      const changed = `${text.slice(0, place.index)}${(cents / 100).toFixed(2)}${text.slice(place.index + place[0].length)}`;
      const [file] = readRemittance(changed).files;
      expect(file!.remittances.flatMap((remittance) => checkRemittance(remittance))).not.toEqual([]);
    }),
    { numRuns: 100 },
  );
});

test('text that was damaged anywhere is read or refused, never a crash', () => {
  fc.assert(
    fc.property(seed, fc.nat(), fc.nat(50), fc.string({ maxLength: 8 }), (decisionsSeed, at, cut, put) => {
      const text = writeRemittance(fileOf(cyclesOf(decisionsSeed, [])));
      const place = at % text.length;
      try {
        readRemittance(text.slice(0, place) + put + text.slice(place + cut));
      } catch (error) {
        expect(error).toMatchObject({ code: 'BAD_REMITTANCE' });
      }
    }),
    { numRuns: 120 },
  );
});
