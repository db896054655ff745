import { expect, test } from '@jest/globals';
import type { ClaimsEvidence } from './claims-evidence.ts';
import { demoText } from './demo-text.ts';
import type { DemoOutcome } from './run-demo.ts';
import { liveLine } from './show-live.ts';
import { textTable } from './text-table.ts';

const counts = { submitted: 6, paid: 1, denied: 1, pended: 1, reversed: 1, duplicates: 1, quarantined: 1, balanced: true };
const claims: ClaimsEvidence = {
  counts,
  reasons: { 'CO-45': 3_550 },
  denials: { 'CO-29': 1 },
  pendReasons: { DATE_FORMAT: 1 },
  explanation: 'claim C1',
  cycle: { balanced: true, remittances: [{ payerId: 'VIGIL_HEALTH', traceNumber: 'T1', claims: 1, paidCents: 9_500 }] },
};

const outcome: DemoOutcome = {
  claims,
  runs: 'claims_processing_workflow@1  succeeded',
  report: {
    sent: 3,
    accepted: 1,
    duplicates: 1,
    quarantined: 1,
    late: 0,
    windowsClosed: 2,
    alertsRaised: 1,
    pagesAccepted: 1,
    alertLatencyMs: { p50: 80, p99: 120 },
    factReadings: 1,
    factWindows: 2,
    ledger: { balanced: true, unaccounted: 0 },
    claims: counts,
    workflows: { runs: [], files: 3 },
  },
  failures: [],
  page: { acceptedAtMs: 1, message: { event_action: 'trigger' } },
  answers: [{ title: 'Alerts by rule', sql: 'SELECT 1', rows: [{ rule: 'news2', alerts: 1 }] }],
  quarantine: {
    queues: [
      { topic: 'a.dlq', count: 2, codes: { NOT_JSON: 1, BAD_SHAPE: 1 } },
      { topic: 'empty.dlq', count: 0, codes: {} },
    ],
  },
  ledger: { balanced: true, unaccounted: 0, stages: [] },
};

test('the end of a demo shows page, answers, quarantine, ledger and verdict', () => {
  const text = demoText(outcome);

  for (const part of [
    '"event_action": "trigger"',
    'p99 120 ms',
    'news2',
    'NOT_JSON 1, BAD_SHAPE 1',
    'balanced: every record',
    '6 submitted = 1 paid + 1 denied + 1 pended + 1 reversed + 1 duplicates + 1 quarantined',
    'denied by reason: CO-29 1',
    'CO-45 35.50',
    '  claim C1',
    '95.00',
    'balanced: services, claims',
    '  claims_processing_workflow@1  succeeded',
    '3 files loaded',
    'Demo passed.',
  ]) {
    expect(text).toContain(part);
  }
  expect(text).not.toContain('empty.dlq');
});

test('a failed demo says why', () => {
  const { ledger, report } = outcome;
  const text = demoText({
    ...outcome,
    page: undefined,
    failures: ['no page was accepted'],
    ledger: { ...ledger, balanced: false, unaccounted: 2 },
    report: { ...report, pagesAccepted: 0 },
  });

  expect(text).toContain('NOT balanced: 2 unaccounted for');
  expect(text).toContain('Demo FAILED: no page was accepted.');
});

test('payments that do not balance and reasons that nobody gave are told, too', () => {
  const text = demoText({ ...outcome, claims: { ...claims, denials: {}, cycle: { balanced: false, remittances: [] } } });

  expect(text).toContain('denied by reason: none');
  expect(text).toContain('NOT balanced');
});

test('latencies that were not measured show as dashes', () => {
  const { report } = outcome;

  expect(demoText({ ...outcome, report: { ...report, alertLatencyMs: { p50: null, p99: null } } })).toContain('p50 – ms, p99 – ms');
});

test('columns align, absent values are dashes, no rows say so', () => {
  expect(
    textTable([
      { a: 1, bb: null },
      { a: 22, bb: 'x' },
    ]),
  ).toBe('  a   bb\n  1   –\n  22  x');
  expect(textTable([])).toBe('  (no rows)');
});

test('the live line shows a dash for what is not known yet', () => {
  expect(liveLine({ second: 3, sent: 150, rate: 50, lagRecords: null, windows: 4, pages: 0, claims: 7 })).toBe(
    '    3 s   50 messages/s   150 sent   lag – records   4 windows   0 pages   7 claims decided',
  );
});
