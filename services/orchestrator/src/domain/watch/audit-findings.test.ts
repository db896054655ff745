import { expect, test } from '@jest/globals';
import { noFindings, rememberFindings, withFindings } from './audit-findings.ts';
import { startReconciliation, type Imbalance, type Judgement } from './reconcile.ts';

const counted = { stage: 'vitals-windowing', topic: 'vitals.reading.accepted.v1' };
const fromOutside = { stage: 'device-ingest', topic: 'vitals.reading.received.v1' };
const nameOf = ({ stage, topic }: typeof counted): string => `${stage}|${topic}`;
const hourMs = 3_600_000;

const judged = (more: Partial<Judgement> = {}): Judgement => ({
  next: startReconciliation(true),
  imbalances: [],
  balanced: new Set([nameOf(counted), nameOf(fromOutside)]),
  settled: new Set(),
  ...more,
});

test('what was found counts at once and adds up; that sums seem to balance in a flow does not end it, at a lull it does', () => {
  const first = rememberFindings(noFindings, [{ ...counted, records: 1 }], 1000);
  const both = rememberFindings(first, [{ ...counted, records: 2 }], 2000);
  const inFlow = withFindings(judged(), both, 3000);
  expect(inFlow.judgement.imbalances).toEqual([{ ...counted, unaccounted: 3, sinceMs: 1000 }]);
  expect([...inFlow.judgement.balanced]).toEqual([nameOf(fromOutside)]);

  const atLull = withFindings(judged({ settled: new Set([nameOf(counted)]) }), inFlow.findings, 4000);
  expect(atLull.judgement.imbalances).toEqual([]);
  expect(atLull.judgement.balanced).toContain(nameOf(counted));
  expect(atLull.findings.size).toBe(0);
});

test('of what outsiders write it is told for an hour', () => {
  const found = rememberFindings(noFindings, [{ ...fromOutside, records: 1 }], 0);
  const settled = judged({ settled: new Set([nameOf(fromOutside)]) });

  expect(withFindings(settled, found, hourMs - 1).judgement.imbalances).toHaveLength(1);
  expect(withFindings(settled, found, hourMs).judgement.imbalances).toEqual([]);
});

test('an account that the sums find wrong, too, is told once', () => {
  const bySums: Imbalance = { ...counted, unaccounted: 9, sinceMs: 1 };
  const other: Imbalance = { stage: 'deidentifier', topic: counted.topic, unaccounted: 1, sinceMs: 1 };
  const found = rememberFindings(noFindings, [{ ...counted, records: 1 }], 1000);

  expect(withFindings(judged({ imbalances: [bySums, other] }), found, 2000).judgement.imbalances).toEqual([
    other,
    { ...counted, unaccounted: 1, sinceMs: 1000 },
  ]);
});
