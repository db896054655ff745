import { expect, test } from '@jest/globals';
import { claimRulesReference } from './claim-rules-reference.ts';
import { openPlanSettings, planSettings } from './plan-settings.ts';
import { claimRules } from './rules/claim-rules.ts';
import { openPoints } from './rules/open-points.ts';

const text = claimRulesReference();

test('every rule is told with its step, its effect and where it is from', () => {
  for (const { code, source } of claimRules)
    expect({ code, listed: text.includes(`| \`${code}\` |`) && text.includes(source) }).toEqual({ code, listed: true });
  expect(text).toContain('| 13 | `NCCI_PAIR` |');
  expect(text).toContain('| CO-236 | coverage | `ncci.across-claims` |');
  expect(text).toContain('| – | `AMOUNT_RANGE` |');
});

test('a setting that a rule or an open point names is one, and each one is named', () => {
  const known = [...Object.values(planSettings), ...openPlanSettings].map(({ key }) => key);
  const named = new Set(
    [...claimRules, ...openPoints].flatMap(({ settings }) => settings).map((key) => (key.startsWith('group.') ? 'group.<CARC>' : key)),
  );
  expect([...named].toSorted()).toEqual(known.toSorted());
});
