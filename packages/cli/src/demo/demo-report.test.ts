import { expect, test } from '@jest/globals';
import { countsOf, grownBy, type LedgerDocument } from './demo-counts.ts';
import { failuresOf, reportOf, requireBalance } from './demo-report.ts';
import { quantile } from './quantile.ts';

const row = (stage: string, topic: string, counts: object) => ({
  stage,
  topic,
  consumed: 0,
  processed: 0,
  late: 0,
  duplicate: 0,
  rejected: 0,
  outputs: {},
  ...counts,
});

const ledger: LedgerDocument = {
  balanced: true,
  unaccounted: 0,
  stages: [
    row('device-ingest', 'vitals.reading.received.v1', { consumed: 10, processed: 7, duplicate: 1, rejected: 2 }),
    row('device-ingest', 'patients.record.received.v1', { consumed: 3, processed: 3 }),
    row('vitals-windowing', 'vitals.reading.accepted.v1', { consumed: 7, late: 2, outputs: { 'vitals.window.closed.v1': 5 } }),
    row('vitals-windowing', 'patients.patient.changed.v1', { consumed: 3, outputs: { 'vitals.window.closed.v1': 1 } }),
    row('claims-validator-adjudicate', 'claims.claim.submitted.v1', { consumed: 2, outputs: { 'claims.claim.adjudicated.v1': 3 } }),
  ],
};
const nothing = { balanced: true, unaccounted: 0, stages: [] };
const facts = { readings: 7, windows: 6, alerts: 2 };
const claims = { submitted: 6, paid: 1, denied: 1, pended: 1, reversed: 1, duplicates: 1, quarantined: 1, balanced: true };
const workflows = { runs: [], files: 3 };
const evidence = { claims, workflows, sent: 10, counts: countsOf(ledger), facts, pagesAccepted: 1, latenciesMs: [30, 10, 20], ledger };

test('the ledger tells what became of readings, and registry entries are not among them', () => {
  expect(countsOf(ledger)).toEqual({
    consumed: 10,
    accepted: 7,
    duplicates: 1,
    quarantined: 2,
    late: 2,
    windowsClosed: 6,
    claimsDecided: 3,
  });
  expect(countsOf(nothing)).toEqual({
    consumed: 0,
    accepted: 0,
    duplicates: 0,
    quarantined: 0,
    late: 0,
    windowsClosed: 0,
    claimsDecided: 0,
  });
});

test('a run on a fleet that has worked before counts only what it added', () => {
  expect(grownBy(countsOf(ledger), countsOf(ledger))).toEqual(countsOf(nothing));
  expect(grownBy(countsOf(nothing), countsOf(ledger))).toEqual(countsOf(ledger));
});

test('a balanced run with a page has no failures', () => {
  const report = reportOf(evidence);

  expect(report).toMatchObject({
    sent: 10,
    accepted: 7,
    alertsRaised: 2,
    factReadings: 7,
    factWindows: 6,
    alertLatencyMs: { p50: 20, p99: 30 },
    claims,
  });
  expect(failuresOf(report)).toEqual([]);
});

test.each([
  [{ ledger: { balanced: false, unaccounted: 4 } }, 'the ledger does not balance: 4 records are unaccounted for'],
  [{ sent: 11 }, '11 messages were sent and 10 were judged'],
  [{ facts: { ...facts, readings: 6 } }, '7 readings were accepted and 6 stand in the warehouse'],
  [{ pagesAccepted: 0 }, 'no page was accepted'],
])('%j is a failure that says what is wrong', (change, failure) => {
  expect(failuresOf(reportOf({ ...evidence, ...change }))).toEqual([failure]);
});

test('where the ledger owes something before the ward starts, the demo says so at once', () => {
  expect(() => requireBalance({ balanced: false, unaccounted: 6 })).toThrow('already holds 6 records that are unaccounted for');
  expect(() => requireBalance(ledger)).not.toThrow();
});

test('a quantile is a value that occurred, and nothing has none', () => {
  expect(quantile([5, 1, 3], 0.5)).toBe(3);
  expect(quantile([5, 1, 3], 1)).toBe(5);
  expect(quantile([5], 0)).toBe(5);
  expect(quantile([], 0.5)).toBeNull();
});
