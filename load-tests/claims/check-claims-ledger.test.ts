import { expect, test } from '@jest/globals';
import { topics, type BatchProgressed } from '@vigil/contracts';
import { checkClaimsLedger } from './check-claims-ledger.ts';

const row: BatchProgressed = {
  stage: 'claims-validator-adjudicate',
  subStage: '',
  topic: topics.claimSubmitted.name,
  partition: 0,
  firstOffset: 0,
  lastOffset: 99,
  batchId: null,
  consumed: 100,
  processed: 100,
  late: 0,
  lateCorrected: 0,
  duplicate: 0,
  rejected: 0,
  suppressed: 0,
  outputs: { [topics.claimAdjudicated.name]: 102 },
  tablePositions: {},
  committedAt: 0,
};
const paid = { ...row, subStage: 'adjudicate', processed: 96, suppressed: 4, outputs: {} };
const members = { ...row, topic: topics.memberChanged.name, consumed: 7, processed: 7, outputs: {} };
const expected = { claims: 100, corrections: 2 };

test('a load of which every claim was decided, and nearly all were paid, counts', () => {
  expect(() => checkClaimsLedger([members, row, paid], expected)).not.toThrow();
});

test.each([
  ['a claim too few', [{ ...row, consumed: 99 }, paid], '99 of 100 claims were consumed'],
  ['one that was a duplicate', [{ ...row, processed: 99, duplicate: 1 }, paid], '99 of 100 were processed'],
  ['a decision too many', [{ ...row, outputs: { [topics.claimAdjudicated.name]: 103 } }, paid], '103 of 102 decisions'],
  ['claims that were refused', [row, { ...paid, processed: 94 }], 'only 94 of 100 were paid'],
])('%s does not', (_, rows, told) => {
  expect(() => checkClaimsLedger(rows, expected)).toThrow(told);
});
