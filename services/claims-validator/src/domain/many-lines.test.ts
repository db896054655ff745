import { expect, test } from '@jest/globals';
import { aClaim, aWorld, theSettings } from '../../test-support/claim-scene.ts';
import { adjudicateClaim } from './adjudicate-claim.ts';
import { openCase } from './claim-case.ts';
import { judgePhase } from './judge-claim.ts';
import { listingRule } from './rules/rule.ts';

test('a thousand lines are adjudicated like one, within the limits that they share', () => {
  // Visits of 150.00 with a modifier that says so, copay 20.00 each: after 100 of them 2,000.00 are out of pocket.
  const lines = Array.from({ length: 1_000 }, () => ({ modifiers: ['76'], chargeCents: 15_000, procedureCode: '99213' }));
  const distinct = lines.map((line, index) => ({ ...line, chargeCents: line.chargeCents + index }));
  const { outcome, paidCents, patientCents, chargeCents } = adjudicateClaim(
    aClaim({}, distinct),
    aWorld(),
    theSettings({ mostCents: 100_000_000 }),
  );

  expect({ outcome, chargeCents, patientCents, paidCents }).toEqual({
    outcome: 'paid',
    chargeCents: 1_000 * 15_000 + (999 * 1_000) / 2,
    patientCents: 200_000,
    paidCents: 1_000 * 12_000 - 200_000,
  });
});

const badLines = (lines: number) =>
  aClaim(
    {},
    Array.from({ length: lines }, () => ({ unitsThousandths: 0 })),
  );
const everyLine = (carc: string) =>
  listingRule(
    { code: 'EVERY_LINE', name: 'Every line is bad', step: 1, group: carc === '' ? '' : 'CO', carc, rarc: ['M53'], source: '' },
    (at) => at.lines.map(({ line }) => ({ detail: '', field: 'services.units', line: line.line })),
  );

test('what is wrong with each of 999 lines is told to each, without a look at all lines for every one', () => {
  const at = openCase(badLines(999), aWorld(), theSettings());
  let looks = 0;
  for (const line of at.lines) {
    const { line: told } = line;
    Object.defineProperty(line, 'line', { get: () => (looks++, told) });
  }
  judgePhase({ subStage: 'validate', rules: [everyLine('16')] }, at);

  expect(at.lines.every(({ denied, rarc }) => denied && rarc.join() === 'M53')).toBe(true);
  // Found, indexed, denied: a few looks at each line.
  expect(looks).toBeLessThan(10 * 999);
});

test('a remark about one line stands there alone, one about the claim with every line and once', () => {
  const rules = [
    listingRule({ code: 'MIXED', name: '', step: 1, group: 'CO', carc: '16', rarc: ['M53'], source: '' }, () => [
      { detail: '', line: 2 },
      { detail: '', rarc: ['MA130', 'MA130'] },
      { detail: '', line: 0, rarc: ['MA130', 'N61'] },
      { detail: '', line: 1, rarc: ['MA130', 'M76'] },
      { detail: '', line: 9 },
    ]),
  ];
  const at = openCase(badLines(2), aWorld(), theSettings());
  judgePhase({ subStage: 'validate', rules }, at);

  expect(at.lines.map(({ rarc }) => rarc)).toEqual([
    ['MA130', 'N61', 'M76'],
    ['M53', 'MA130', 'N61'],
  ]);
});

test('999 questions are asked once each, without a search through those before', () => {
  const at = openCase(badLines(999), aWorld(), theSettings());
  let looks = 0;
  at.pendReasons = new Proxy(at.pendReasons, {
    get(target, name) {
      if (typeof name === 'string' && /^\d+$/.test(name)) looks++;
      return Reflect.get(target, name) as unknown;
    },
  });
  judgePhase({ subStage: 'validate', rules: [everyLine(''), everyLine('')] }, at);

  expect([at.pendReasons.length, looks]).toEqual([999, 0]);
});

test('a line whose units are cut but whose cut share is no cent carries no adjustment of zero', () => {
  // 8.001 units billed, 8 a day allowed: the share of 0.001 of a charge of 0.04 rounds to nothing.
  const { lines } = adjudicateClaim(
    aClaim({}, [{ procedureCode: 'J1885', unitsThousandths: 8_001, chargeCents: 4 }]),
    aWorld({ plan: { settings: { mue: 'cut' } } }),
    theSettings(),
  );

  expect(lines[0]?.adjustments.every(({ cents }) => cents > 0)).toBe(true);
  expect(lines[0]?.reasons.map(({ rule }) => rule)).toContain('MUE');
});
