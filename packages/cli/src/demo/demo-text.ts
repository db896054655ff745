import type { ClaimsEvidence } from './claims-evidence.ts';
import type { DemoOutcome, Quarantine } from './run-demo.ts';
import type { LedgerDocument } from './demo-counts.ts';
import { textTable } from './text-table.ts';

const heading = (text: string): string => `\n── ${text} ${'─'.repeat(Math.max(3, 76 - text.length))}`;

const indent = (text: string): string => text.replaceAll(/^/gm, '  ');

function pageText({ page, report }: DemoOutcome): string {
  if (!page) return '  no page was accepted';
  const { p50, p99 } = report.alertLatencyMs;
  return `${indent(JSON.stringify(page.message, null, 2))}\n  accepted ${report.pagesAccepted} pages; from Kafka's clock to the provider's 202: p50 ${p50 ?? '–'} ms, p99 ${p99 ?? '–'} ms`;
}

const quarantineText = ({ queues }: Quarantine): string =>
  textTable(
    queues
      .filter(({ count }) => count > 0)
      .map(({ topic, count, codes }) => ({
        queue: topic,
        records: count,
        codes: Object.entries(codes)
          .map(([code, times]) => `${code} ${times}`)
          .join(', '),
      })),
  );

const ledgerText = ({ stages, balanced, unaccounted }: LedgerDocument): string =>
  `${textTable(
    stages.map(({ stage, topic, consumed, processed, late, duplicate, rejected }) => ({
      stage,
      topic,
      consumed,
      processed,
      late,
      duplicate,
      rejected,
    })),
  )}\n  ${balanced ? 'balanced: every record is accounted for' : `NOT balanced: ${unaccounted} unaccounted for`}`;

const dollars = (cents: number): string => (cents / 100).toFixed(2);
const counted = (counts: Readonly<Record<string, number>>, show: (count: number) => string = String): string =>
  Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${show(count)}`)
    .join(', ') || 'none';

function claimsText({ counts, denials, pendReasons, reasons }: ClaimsEvidence): string {
  const { submitted, paid, denied, pended, reversed, duplicates, quarantined } = counts;
  return [
    `  ${submitted} submitted = ${paid} paid + ${denied} denied + ${pended} pended + ${reversed} reversed + ${duplicates} duplicates + ${quarantined} quarantined`,
    `  denied by reason: ${counted(denials)}`,
    `  waiting for a person: ${counted(pendReasons)}`,
    `  adjusted dollars by reason: ${counted(reasons, dollars)}`,
  ].join('\n');
}

function cycleText({ cycle }: ClaimsEvidence): string {
  const rows = cycle.remittances.map(({ payerId, traceNumber, claims, paidCents }) => ({
    payer: payerId,
    trace: traceNumber,
    claims,
    paid: dollars(paidCents),
  }));
  return `${textTable(rows)}\n  ${cycle.balanced ? 'balanced: services, claims and payments add up' : 'NOT balanced'}`;
}

/** The end of the demo as a person reads it. */
export function demoText(outcome: DemoOutcome): string {
  const { report, failures, answers, quarantine, ledger, claims } = outcome;
  const sections = [
    heading('The page, as the provider got it'),
    pageText(outcome),
    ...answers.flatMap(({ title, sql, rows }) => [heading(title), indent(sql), '', textTable(rows)]),
    heading('Workflows: vigil workflows runs RUN'),
    indent(outcome.runs),
    `  ${report.workflows.files} files loaded`,
    heading('Claims of the inbox'),
    claimsText(claims),
    heading('One claim: vigil claims explain'),
    indent(claims.explanation),
    heading('Payments: vigil claims export --format 835'),
    cycleText(claims),
    heading('Quarantine: vigil dlq list'),
    quarantineText(quarantine),
    heading('Ledger: vigil ledger'),
    ledgerText(ledger),
    heading('This run'),
    `  ${report.sent} sent = ${report.accepted} accepted + ${report.duplicates} duplicates + ${report.quarantined} quarantined   (${report.late} late)`,
    `  ${report.windowsClosed} windows closed, ${report.alertsRaised} alerts raised, ${report.pagesAccepted} pages accepted`,
    `  ${report.factReadings} readings and ${report.factWindows} windows in the warehouse`,
    failures.length === 0 ? '\nDemo passed.' : `\nDemo FAILED: ${failures.join('; ')}.`,
  ];
  return sections.join('\n');
}
