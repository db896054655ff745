import { VigilError } from '@vigil/core';
import type { ClaimCounts } from './claims-evidence.ts';
import type { DemoCounts } from './demo-counts.ts';
import type { WorkflowsReport } from './play-workflows.ts';
import { quantile } from './quantile.ts';

/** What `npm run demo -- --report FILE` writes. sent = accepted + duplicates + quarantined. */
export interface DemoReport {
  readonly sent: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly quarantined: number;
  readonly late: number;
  readonly windowsClosed: number;
  readonly alertsRaised: number;
  readonly pagesAccepted: number;
  /** `receivedAt` of the reading that raised the alert → the provider's 2xx; historic alerts left out. */
  readonly alertLatencyMs: { readonly p50: number | null; readonly p99: number | null };
  readonly factReadings: number;
  readonly factWindows: number;
  readonly ledger: { readonly balanced: boolean; readonly unaccounted: number };
  /** submitted = paid + denied + pended + reversed + duplicates + quarantined. */
  readonly claims: ClaimCounts;
  /** Runs of the customer's workflows; what they did with claims stands under `claims`, too. */
  readonly workflows: WorkflowsReport;
}

export interface FactCounts {
  readonly readings: number;
  readonly windows: number;
  readonly alerts: number;
}

export interface DemoEvidence {
  readonly workflows: WorkflowsReport;
  readonly claims: ClaimCounts;
  readonly sent: number;
  readonly counts: DemoCounts;
  readonly facts: FactCounts;
  readonly pagesAccepted: number;
  readonly latenciesMs: readonly number[];
  readonly ledger: { readonly balanced: boolean; readonly unaccounted: number };
}

export const reportOf = ({ sent, counts, facts, pagesAccepted, latenciesMs, ledger, claims, workflows }: DemoEvidence): DemoReport => ({
  sent,
  accepted: counts.accepted,
  duplicates: counts.duplicates,
  quarantined: counts.quarantined,
  late: counts.late,
  windowsClosed: counts.windowsClosed,
  alertsRaised: facts.alerts,
  pagesAccepted,
  alertLatencyMs: { p50: quantile(latenciesMs, 0.5), p99: quantile(latenciesMs, 0.99) },
  factReadings: facts.readings,
  factWindows: facts.windows,
  ledger: { balanced: ledger.balanced, unaccounted: ledger.unaccounted },
  claims,
  workflows,
});

/** Why a run is no success; empty when it is one. */
export function failuresOf({ sent, accepted, duplicates, quarantined, pagesAccepted, factReadings, ledger }: DemoReport): string[] {
  const failures: string[] = [];
  if (!ledger.balanced) failures.push(`the ledger does not balance: ${ledger.unaccounted} records are unaccounted for`);
  const seen = accepted + duplicates + quarantined;
  if (seen !== sent) failures.push(`${sent} messages were sent and ${seen} were judged`);
  if (factReadings !== accepted) failures.push(`${accepted} readings were accepted and ${factReadings} stand in the warehouse`);
  if (pagesAccepted === 0) failures.push('no page was accepted');
  return failures;
}

/**
 * A ward cannot show that the ledger balances where it did not before.
 *
 * @throws VigilError BAD_USAGE
 */
export function requireBalance({ balanced, unaccounted }: DemoReport['ledger']): void {
  if (balanced) return;
  throw new VigilError('BAD_USAGE', {
    detail:
      `This stack already holds ${unaccounted} records that are unaccounted for, from before the demo. Find them with vigil ledger; ` +
      `or start from nothing: vigil down, then VIGIL_HOME=.vigil/demo npm run demo.`,
  });
}
