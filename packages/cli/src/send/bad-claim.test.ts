import { expect, test } from '@jest/globals';
import type { ClaimPiece, ClaimRead, RejectedPiece } from '@vigil/claim-formats';
import { badOfClaim, badOfRejection, lineOfBad } from './bad-claim.ts';

const rejection = (findings: readonly object[], line: number | null = 7): RejectedPiece =>
  ({ record: { source: 'a.837', line, findings } }) as unknown as RejectedPiece;
const finding = { code: 'BAD_VALUE', segment: 12, segmentId: 'CLM', element: 5, component: 2, detail: 'no place' };
const claim = { received: { source: 'a.json', line: 3, segment: null } } as unknown as ClaimPiece;
const read = (problems: readonly object[]): ClaimRead => ({ ok: true, claim: { problems } }) as unknown as ClaimRead;

test.each([
  [[finding], 'a.837 segment 12 CLM05-2: rejected: BAD_VALUE: no place'],
  [[{ ...finding, component: null }], 'a.837 segment 12 CLM05: rejected: BAD_VALUE: no place'],
  [[{ ...finding, segment: 0, element: null, detail: '' }], 'a.837 line 7 CLM: rejected: BAD_VALUE'],
  [[], 'a.837 line 7: rejected: '],
])('a rejection is told by what was found first: %j', (findings, line) => {
  expect(lineOfBad(badOfRejection(rejection(findings)))).toBe(line);
});

test('a rejection of a whole file names the file alone', () => {
  expect(lineOfBad(badOfRejection(rejection([{ code: 'NOT_JSON' }], null)))).toBe('a.837: rejected: NOT_JSON');
});

test('a claim that is sent all the same tells its first problem, or why it cannot be read', () => {
  const problem = { level: 2, code: 'MISSING_ID', field: 'member', line: 0 };
  const told = (of: ClaimRead): readonly string[] => badOfClaim(claim, of).map(lineOfBad);

  expect(told(read([]))).toEqual([]);
  expect(told(read([problem, problem]))).toEqual(['a.json line 3 member: sent with a problem: MISSING_ID: SNIP level 2']);
  expect(told(read([{ ...problem, level: 'workflow', line: 4 }]))).toEqual([
    'a.json line 3 member of service line 4: sent with a problem: MISSING_ID: breaks a rule of the workflow',
  ]);
  expect(told({ ok: false, code: 'NOT_JSON' } as unknown as ClaimRead)[0]).toMatch(/^a\.json line 3: sent, cannot be read: NOT_JSON: \S/);
  expect(told({ ok: false, code: 'OF_LATER' } as unknown as ClaimRead)).toEqual(['a.json line 3: sent, cannot be read: OF_LATER']);
});
