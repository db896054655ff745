import { expect, test } from '@jest/globals';
import type { ClaimSubmitted } from '@vigil/contracts';
import fc from 'fast-check';
import { arbitraryClaim, arbitraryPlan, arbitraryScene } from '../../test-support/arbitrary-claim.ts';
import { aClaim, aWorld, MapBook, theSettings, type SceneChanges } from '../../test-support/claim-scene.ts';
import { day } from '../../test-support/records.ts';
import { adjudicateClaim } from './adjudicate-claim.ts';
import type { Adjudication } from './adjudication.ts';
import { claimRules } from './rules/claim-rules.ts';

const runs = { numRuns: 400 };
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function adjudicate(claim: ClaimSubmitted, scene: SceneChanges, book = new MapBook(scene.amounts)): Adjudication {
  return adjudicateClaim(claim, { ...aWorld(scene), accumulators: book }, theSettings());
}

const shared = (adjudication: Adjudication): number =>
  sum(
    adjudication.lines.flatMap(({ adjustments }) =>
      adjustments.filter(({ group, carc }) => group === 'PR' && ['1', '2', '3'].includes(carc)).map(({ cents }) => cents),
    ),
  );

test('every line: charge = paid + adjustments, none of them negative, and zero only where a line of zero is denied', () => {
  fc.assert(
    fc.property(arbitraryClaim, arbitraryScene, (claim, scene) => {
      for (const line of adjudicate(claim, scene).lines) {
        expect(line.paidCents + sum(line.adjustments.map(({ cents }) => cents))).toBe(line.chargeCents);
        for (const { cents } of line.adjustments) expect(cents).toBeGreaterThanOrEqual(line.denied ? 0 : 1);
        expect(line.patientCents).toBe(sum(line.adjustments.filter(({ group }) => group === 'PR').map(({ cents }) => cents)));
      }
    }),
    runs,
  );
});

test('never paid above allowed, never allowed above charged, never below zero; a denied line has one reason and its whole charge', () => {
  fc.assert(
    fc.property(arbitraryClaim, arbitraryScene, (claim, scene) => {
      for (const line of adjudicate(claim, scene).lines) {
        expect(line.paidCents).toBeGreaterThanOrEqual(0);
        expect(line.paidCents).toBeLessThanOrEqual(line.allowedCents);
        expect(line.allowedCents).toBeLessThanOrEqual(line.chargeCents);
        if (!line.denied) continue;
        expect(line.adjustments.map(({ cents }) => cents)).toEqual([line.chargeCents]);
        expect(line.allowedCents).toBe(0);
        if (line.adjustments[0]?.carc === '16') expect(line.rarc).not.toEqual([]);
      }
    }),
    runs,
  );
});

test('the claim is the sum of its lines; paid says that a line stands, denied that none does, pended that nothing moved', () => {
  fc.assert(
    fc.property(arbitraryClaim, arbitraryScene, (claim, scene) => {
      const book = new MapBook();
      const adjudication = adjudicate(claim, scene, book);
      const { lines, outcome } = adjudication;
      for (const field of ['chargeCents', 'allowedCents', 'paidCents', 'patientCents'] as const) {
        expect(adjudication[field]).toBe(sum(lines.map((line) => line[field])));
      }
      if (outcome === 'pended') {
        expect([lines.length, adjudication.pendReasons.length > 0]).toEqual([0, true]);
      } else {
        expect(lines.some(({ denied }) => !denied)).toBe(outcome === 'paid');
        expect(lines.map(({ line }) => line)).toEqual(claim.lines.length === 0 ? [1] : claim.lines.map(({ line }) => line));
      }
      if (outcome === 'denied') expect(book.amounts.size).toBe(0);
    }),
    runs,
  );
});

test('the same arguments give the same decision, and every reason is a rule of the list', () => {
  const known = new Set(claimRules.map(({ code }) => code));
  fc.assert(
    fc.property(arbitraryClaim, arbitraryScene, (claim, scene) => {
      const [once, again] = [adjudicate(claim, scene), adjudicate(structuredClone(claim), scene)];
      expect(again).toEqual(once);
      const named = [...once.claimReasons, ...once.lines.flatMap(({ reasons }) => reasons)].map(({ rule }) => rule);
      for (const rule of [...named, ...once.pendReasons.map(({ code }) => code)]) expect(known).toContain(rule);
      for (const line of once.lines) if (line.denied) expect(line.reasons.length + once.claimReasons.length).toBeGreaterThan(0);
    }),
    runs,
  );
});

test('whatever a sender writes, no text of it and no date leaves in a reason', () => {
  const secret = 'ANN-MILLER';
  fc.assert(
    fc.property(arbitraryClaim, arbitraryScene, (claim, scene) => {
      const lines = claim.lines.map((line) => ({
        ...line,
        procedureCode: line.procedureCode === 'NONE' ? secret : line.procedureCode,
        modifiers: [...line.modifiers, secret],
      }));
      const {
        lines: decided,
        claimReasons,
        pendReasons,
        placeOfService,
        diagnosisCodes,
      } = adjudicate(
        {
          ...claim,
          lines,
          placeOfService: secret,
          diagnosisCodes: [...claim.diagnosisCodes, secret],
          priorAuthorization: secret,
          payerId: secret,
        },
        scene,
      );
      const text = JSON.stringify({ decided, claimReasons, pendReasons, placeOfService, diagnosisCodes });
      expect(text).not.toContain(secret);
      expect(JSON.stringify(decided.map(({ reasons }) => reasons))).not.toMatch(/\d{4}-\d\d-\d\d/);
    }),
    runs,
  );
});

const anyCents = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -100_000, max: 100_000 }));
const anyDay = fc.option(fc.integer({ min: -800_000, max: 3_000_000 }), { nil: null });
const anyCode = fc.oneof(fc.constantFrom('99213', '29881', '97110', 'E0143', ''), fc.string({ maxLength: 8 }));
const anyCount = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -3, max: 9_000 }));

/** Whatever fits the schema, sense or not. */
const anyClaim: fc.Arbitrary<ClaimSubmitted> = fc
  .record({
    lines: fc.array(
      fc.record({
        procedureCode: anyCode,
        revenueCode: anyCode,
        modifiers: fc.array(anyCode, { maxLength: 4 }),
        unitsThousandths: anyCount,
        unitBasis: fc.constantFrom('UN', 'MJ', ''),
        chargeCents: anyCents,
        placeOfService: anyCode,
        diagnosisPointers: fc.array(fc.integer({ min: -1, max: 3 }), { maxLength: 3 }),
        serviceFrom: anyDay,
        serviceTo: anyDay,
        priorPaidCents: fc.option(anyCents, { nil: null }),
      }),
      { maxLength: 4 },
    ),
    over: fc.record({
      serviceFrom: anyDay,
      serviceTo: anyDay,
      receivedOn: fc.integer({ min: -800_000, max: 3_000_000 }),
      providerIdType: fc.constantFrom('npi', 'local', ''),
      diagnosisCodes: fc.array(anyCode, { maxLength: 3 }),
      coverageType: fc.constantFrom('primary', 'tertiary', ''),
      priorPayers: fc.array(
        fc.record({
          payerId: fc.string(),
          sequence: fc.constantFrom('P', '', 'X'),
          allowedCents: fc.option(anyCents, { nil: null }),
          paidCents: anyCents,
          patientCents: fc.option(anyCents, { nil: null }),
          adjustments: fc.array(
            fc.record({ line: fc.integer({ min: -1, max: 3 }), group: fc.string(), carc: fc.string(), cents: anyCents }),
            { maxLength: 2 },
          ),
        }),
        { maxLength: 2 },
      ),
    }),
  })
  .map(({ lines, over }) => aClaim(over, lines));

/** As if a person had let everything of the workflow's rules pass. */
const letAllPass = ['REQUIRED_FIELD', 'DATE_FORMAT', 'AMOUNT_RANGE'].flatMap((code) =>
  [0, 1, 2, 3, 4].map((line) => ({ code, field: '', line })),
);

test('whatever fits the schema is decided or pended, and no line is paid more than it charges', () => {
  fc.assert(
    fc.property(anyClaim, arbitraryScene, (claim, scene) => {
      const { lines, outcome } = adjudicate(claim, { ...scene, lookedAt: letAllPass });
      expect(['paid', 'denied', 'pended']).toContain(outcome);
      for (const { paidCents, chargeCents, denied } of lines) if (!denied) expect(paidCents).toBeLessThanOrEqual(chargeCents);
    }),
    { numRuns: 1_500 },
  );
});

/** Claims of one member on days of their own, so that none is another's duplicate. */
const year = fc
  .array(fc.tuple(fc.constantFrom('29881', '11042', '85025', '99213', 'J1885'), fc.integer({ min: 1, max: 300_000 })), { maxLength: 25 })
  .map((services) =>
    services.map(([procedureCode, chargeCents], index) =>
      aClaim({ serviceFrom: day('2024-01-02') + index, serviceTo: null, submissionId: `s-${index}` }, [{ procedureCode, chargeCents }]),
    ),
  );

test('over a year the patient never shares more than the out-of-pocket maximum, and never more deductible than the plan asks', () => {
  fc.assert(
    fc.property(year, arbitraryPlan, (claims, over) => {
      const plan = { ...over, planYearStartMonth: 1, timelyFilingDays: 0, settings: {} };
      const book = new MapBook();
      const decided = claims.map((claim) => adjudicate(claim, { plan, today: day('2024-03-20') }, book));
      const most = Math.min(plan.outOfPocketInCents ?? Infinity, plan.familyOutOfPocketInCents ?? Infinity);
      expect(sum(decided.map(shared))).toBeLessThanOrEqual(most);
      expect(book.amounts.get('t.member|PPO|2024|in|out-of-pocket') ?? 0).toBe(sum(decided.map(shared)));
      const deductible = book.amounts.get('t.member|PPO|2024|in|deductible') ?? 0;
      expect(deductible).toBeLessThanOrEqual(Math.min(plan.deductibleInCents ?? 0, plan.familyDeductibleInCents ?? Infinity));
    }),
    { numRuns: 150 },
  );
});
