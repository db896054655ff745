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

/** The end of the demo as a person reads it. */
export function demoText(outcome: DemoOutcome): string {
  const { report, failures, answers, quarantine, ledger } = outcome;
  const sections = [
    heading('The page, as the provider got it'),
    pageText(outcome),
    ...answers.flatMap(({ title, sql, rows }) => [heading(title), indent(sql), '', textTable(rows)]),
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
