import { expect, test } from '@jest/globals';
import { aClaim, aKnownService, bookOf } from '../../test-support/claim-scene.ts';
import type { AccumulatorScratch } from './accumulator-scratch.ts';
import type { Desk, Submission } from './submission.ts';
import { worldOf } from './world-of.ts';

test('what a member had on a day is looked for once a claim, in whatever order its lines ask for their days', () => {
  const asked: string[] = [];
  const services = (memberToken: string, day: number) => {
    asked.push(`${memberToken} ${day}`);
    return [aKnownService({ serviceFrom: day, submissionId: 's-0' }), aKnownService({ serviceFrom: day, submissionId: 's-1' })];
  };
  const desk = { reference: bookOf(), stores: { claims: { services }, members: { get: () => undefined } } } as unknown as Desk;
  const submission = { claim: aClaim(), today: 1, lookedAt: [] } as unknown as Submission;
  const { history } = worldOf(desk, submission, { kind: 'none' }, {} as AccumulatorScratch);

  const found = [1, 2, 1, 2, 1].map((day) => history.services('m', day));
  expect(asked).toEqual(['m 1', 'm 2']);
  // Of the submission itself there is nothing.
  expect(found.map((each) => each.map(({ submissionId, serviceFrom }) => `${submissionId} ${serviceFrom}`))).toEqual([
    ['s-0 1'],
    ['s-0 2'],
    ['s-0 1'],
    ['s-0 2'],
    ['s-0 1'],
  ]);
  history.services('n', 1);
  expect(asked.at(-1)).toBe('n 1');
});
