import { expect, test } from '@jest/globals';
import { observeIntake } from './observe-intake.ts';

test('a claim and each of its problems are counted', () => {
  const told: unknown[] = [];
  const problem = { level: 'workflow', code: 'AMOUNT_RANGE', field: 'total_amount', line: 0 };
  observeIntake({ claimSubmitted: (each) => told.push(each), claimProblem: (each) => told.push(each) }).submitted({
    format: 'json',
    standing: 'conflicting',
    problems: [problem],
  });

  expect(told).toEqual([
    { format: 'json', standing: 'conflicting' },
    { level: 'workflow', code: 'AMOUNT_RANGE' },
  ]);
});
