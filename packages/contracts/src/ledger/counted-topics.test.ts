import { expect, test } from '@jest/globals';
import { topics } from '../topics.ts';
import { balanceLedger, countedTopics } from './balance-ledger.ts';
import { emptyTotals } from './ledger-book.ts';

test.each([
  ['workflow.task.reported.v1', 'orchestrator'],
  ['ehr.visit.recorded.v1', 'deidentifier'],
  ['trials.outcome.recorded.v1', 'deidentifier'],
  ['batch.item.rejected.v1', 'warehouse-loader.archive'],
])('workers write no ledger rows, so of %s nobody counts what was written', (topic, stage) => {
  const consumed = { ...emptyTotals(stage, topic), consumed: 14, processed: 14 };
  const { balanced } = balanceLedger([consumed], []);
  const { unaccounted } = balanceLedger([consumed], [{ group: stage, topic, lagRecords: 3 }]);
  expect({ balanced, unaccounted }).toEqual({ balanced: true, unaccounted: 3 });
});

test('what one stage writes for another is counted', () => {
  const topic = topics.claimSubmitted.name;
  expect(countedTopics.has(topic)).toBe(true);
  const consumed = { ...emptyTotals('claims-validator-adjudicate', topic), consumed: 14, processed: 14 };
  expect(balanceLedger([consumed], [])).toMatchObject({ balanced: false, unaccounted: 14 });
});
