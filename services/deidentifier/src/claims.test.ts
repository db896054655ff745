import { expect, test } from '@jest/globals';
import { topics, type DeidClaimAdjudicated } from '@vigil/contracts';
import { decidedClaims } from '@vigil/testing';
import * as fc from 'fast-check';
import { bytesOn, driveDeidentifier } from '../test-support/drive-deidentifier.ts';
import { aClaim, aDataset, dayOf } from '../test-support/samples.ts';

const { claimAdjudicated, deidClaimAdjudicated } = topics;
const dataset = aDataset();
const mask = dataset.maskOf(aClaim().patientToken);

/** Also across partitions: claims are keyed by policy, their de-identified form by pseudonym. */
async function deidentify(...claims: ReturnType<typeof aClaim>[]): Promise<readonly DeidClaimAdjudicated[]> {
  const driver = driveDeidentifier();
  await driver.pipe(claimAdjudicated, ...claims.map((value) => ({ key: 't1.policy', value })));
  expect(driver.quarantined()).toEqual([]);
  return driver.read(deidClaimAdjudicated);
}

test('a decision keeps codes and money, and loses who, which claim and when', async () => {
  const [derived] = await deidentify(aClaim());

  expect(derived).toEqual({
    decisionId: dataset.idOf('deadbeefdeadbeefdeadbeefdeadbeef'),
    submissionId: dataset.idOf('cafebabecafebabecafebabecafebabe'),
    pseudonym: mask.pseudonym,
    claimKey: dataset.idOf('CANARY-CLAIM-1'),
    outcome: 'paid',
    kind: 'decision',
    number: 1,
    reverses: null,
    frequency: 'original',
    claimType: 'professional',
    format: 'json',
    payerId: 'PAYER_A',
    planId: 'PLAN_1',
    network: 'in',
    providerKey: dataset.idOf('1234567893'),
    providerType: 'clinic',
    coverageType: 'primary',
    placeOfService: '11',
    diagnosisCodes: ['E119', 'I10'],
    approxYear: new Date(Date.UTC(2024, 2, 15) + mask.yearOffsetMs).getUTCFullYear(),
    elapsedReceivedMs: aClaim().receivedAt + mask.elapsedOffsetMs,
    elapsedDecidedMs: aClaim().decidedAt + mask.elapsedOffsetMs,
    chargeCents: 15_000,
    allowedCents: 10_000,
    paidCents: 6_400,
    patientCents: 3_600,
    lines: [
      {
        line: 1,
        procedureCode: '99213',
        revenueCode: '',
        modifiers: ['25'],
        unitsThousandths: 1000,
        chargeCents: 15_000,
        allowedCents: 10_000,
        paidCents: 6_400,
        patientCents: 3_600,
        denied: false,
        adjustments: aClaim().lines[0]!.adjustments,
        rarc: ['M79'],
        reasons: [{ rule: 'MEMBER_COVERED', table: 'reference.member.changed.v1' }],
      },
    ],
    pendReasons: [],
    claimReasons: [{ rule: 'TIMELY_FILING', table: 'reference.plan.changed.v1' }],
  });
});

test('a claim that tells no provider, no claim id and no day leaves with none', async () => {
  const [derived] = await deidentify(aClaim({ providerId: '', claimId: '', serviceFrom: null, reverses: 'a decision' }));
  expect(derived).toMatchObject({ providerKey: null, claimKey: null, approxYear: null, reverses: dataset.idOf('a decision') });
});

test('text in the place of a code does not leave', async () => {
  const [derived] = await deidentify(
    aClaim({
      placeOfService: 'Canary Hospital',
      diagnosisCodes: ['E119', 'Jane Canary', 'S72001A'],
      payerId: 'SSN 123-45-6789',
      planId: '20240315',
      lines: [{ ...aClaim().lines[0]!, procedureCode: 'JCANARY', revenueCode: '20240315', modifiers: ['25', 'CANARY'], rarc: ['CANARY'] }],
    }),
  );
  expect(derived).toMatchObject({
    placeOfService: null,
    diagnosisCodes: ['E119', 'S72001A'],
    payerId: null,
    planId: null,
    lines: [{ procedureCode: null, revenueCode: null, modifiers: ['25'], rarc: [] }],
  });
});

test('codes and outcomes leave whatever a claim is called; a code that is the claim id as a whole does not', async () => {
  for (const claimId of ['9921', 'PAID', '45', '11', 'DECISION', 'professional', '9921X', 'E1199']) {
    expect(await deidentify(aClaim({ claimId }))).toMatchObject([
      {
        outcome: 'paid',
        kind: 'decision',
        claimType: 'professional',
        placeOfService: '11',
        diagnosisCodes: ['E119', 'I10'],
        lines: [{ procedureCode: '99213' }],
      },
    ]);
  }
  expect(await deidentify(aClaim({ claimId: '99213' }))).toMatchObject([{ outcome: 'paid', lines: [{ procedureCode: null }] }]);
});

const [aLine] = aClaim().lines;
const charged = (chargeCents: number) => ({ chargeCents, lines: [{ ...aLine!, chargeCents }] });

test.each<[string, Parameters<typeof aClaim>[0]]>([
  ['an SSN typed as dollars', charged(12_345_678_900)],
  ['an SSN typed as cents', charged(123_456_789)],
  ['a cent above the range of the workflow', charged(5_000_001)],
  ['a negative charge', charged(-1)],
  ['a positive amount of a reversal', { kind: 'reversal', ...charged(1) }],
  ['what waits for its range to be looked at', { pendReasons: [{ code: 'AMOUNT_RANGE', field: 'total_amount', line: 0 }] }],
  ['a claim denied for an amount that was none', { claimReasons: [{ rule: 'BAD_AMOUNT', table: '', row: '', version: 0, detail: '' }] }],
  ['a line denied for it', { lines: [{ ...aLine!, reasons: [{ rule: 'BAD_AMOUNT', table: '', row: '', version: 0, detail: '' }] }] }],
  // 60,000.00 − 20,000.00 = 40,000.00: the sum and the other line would tell what is withheld.
  ['a line above the range beside one below zero', { chargeCents: 4_000_000, lines: [{ ...aLine!, chargeCents: 6_000_000 }, { ...aLine!, line: 2, chargeCents: -2_000_000 }] }],
  ['a reduction above the range', { lines: [{ ...aLine!, adjustments: [{ group: 'CO', carc: '45', cents: 123_456_789 }] }] }],
])('of %s no amount leaves, and the rest does', async (_what, changed) => {
  const [derived] = await deidentify(aClaim(changed));
  const none = { chargeCents: null, allowedCents: null, paidCents: null, patientCents: null };
  expect(derived).toMatchObject({ outcome: 'paid', ...none });
  for (const line of derived!.lines!) {
    expect(line).toMatchObject({ procedureCode: '99213', ...none });
    for (const adjustment of line.adjustments!) expect(adjustment).toMatchObject({ group: expect.any(String), cents: null });
  }
}); // prettier-ignore

test.each([
  [9_999_000, 9_999_000],
  [9_999_001, null],
  [20_240_315_000, null],
  [-1, null],
])('%i thousandths of a unit leave as %j', async (unitsThousandths, leaves) => {
  expect(await deidentify(aClaim({ lines: [{ ...aLine!, unitsThousandths }] }))).toMatchObject([
    { chargeCents: 15_000, lines: [{ unitsThousandths: leaves, chargeCents: 15_000 }] },
  ]);
});

test('the greatest amount of the workflow leaves, and a reversal in negative amounts', async () => {
  expect(await deidentify(aClaim(charged(5_000_000)), aClaim({ kind: 'reversal', ...charged(-5_000_000) }))).toMatchObject([
    { chargeCents: 5_000_000 },
    { chargeCents: -5_000_000 },
  ]);
});

test('no year flips between two days of service at the true 1 January', async () => {
  const newYear = dayOf(2025, 1, 1);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.stringMatching(/^t1\.[A-Za-z0-9_-]{22}$/), { minLength: 1, maxLength: 10 }), async (tokens) => {
      const around = tokens.flatMap((patientToken) => [newYear - 1, newYear].map((serviceFrom) => aClaim({ patientToken, serviceFrom })));
      const years = (await deidentify(...around)).map(({ approxYear }) => approxYear);
      for (let index = 0; index < years.length; index += 2) expect(years[index]).toBe(years[index + 1]);
    }),
    { numRuns: 15 },
  );
});

/** Every form in which a day or a time stands in the bytes of a record: Avro writes zig-zag numbers. */
function zigZag(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(value) * 2n;
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}

test('nothing planted in any identifying field stands in the bytes that leave', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 }), async (seed) => {
      const driver = driveDeidentifier();
      const planted = decidedClaims(seed, 8).map((claim) => ({
        ...aClaim(),
        ...claim,
        scope: 'CANARY-SCOPE',
        reviewId: 'CANARY-REVIEW',
        claimReasons: aClaim().claimReasons,
        lines: claim.lines.map((line) => ({ ...line, serviceFrom: claim.serviceFrom, reasons: aClaim().lines[0]!.reasons })),
      }));
      await driver.pipe(claimAdjudicated, ...planted.map((value) => ({ key: value.policyToken, value })));
      const written = bytesOn(driver, deidClaimAdjudicated);
      expect(written).toHaveLength(planted.length);
      const all = Buffer.concat([...written]);
      expect(all.includes('anary') || all.includes('CANARY')).toBe(false);
      for (const claim of planted) {
        for (const text of [
          claim.decisionId,
          claim.submissionId,
          claim.claimId,
          claim.patientToken,
          claim.policyToken,
          claim.memberToken,
          claim.providerId,
          claim.reverses,
        ]) {
          // prettier-ignore
          if (text !== null) expect({ text, leaks: all.includes(text) }).toMatchObject({ leaks: false });
        }
        for (const time of [claim.receivedAt, claim.decidedAt]) expect(all.includes(zigZag(time))).toBe(false);
      }
    }),
    { numRuns: 20 },
  );
});
