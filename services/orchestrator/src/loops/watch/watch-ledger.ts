import type { BatchProgressed, TroubleRaised } from '@vigil/contracts';
import { classifyError, type ErrorCode } from '@vigil/core';
import type { EngineClock, LedgerReader } from '@vigil/kafka';
import type { EmittersOf } from '@vigil/runtime';
import { createCommitAudit, type AccountedStretch, type CommitAudit } from '../../domain/watch/audit-commits.ts';
import { noFindings, rememberFindings, withFindings, type Findings } from '../../domain/watch/audit-findings.ts';
import { troublesToTell, openTroubles, type OpenTroubles } from '../../domain/watch/ledger-troubles.ts';
import { reconcile, startReconciliation, type ReaderPosition, type Reconciliation } from '../../domain/watch/reconcile.ts';
import type { events } from '../../events.ts';

export interface LedgerWatchOptions {
  /** @param onRow  called with each row as it is read */
  readonly openLedger: (onRow: (row: BatchProgressed) => void) => Promise<LedgerReader>;
  /** Where records stand in the log; null = it does not hold the stretch any more. */
  readonly readOffsets: (
    stretches: readonly AccountedStretch[],
  ) => Promise<readonly { readonly stretch: AccountedStretch; readonly offsets: readonly number[] | null }[]>;
  readonly positions: () => Promise<readonly ReaderPosition[]>;
  /** All troubles that were ever told, in order. */
  readonly told: () => Promise<readonly TroubleRaised[]>;
  readonly tell: (troubles: readonly TroubleRaised[]) => Promise<void>;
  /** Whether this instance is the one that watches. */
  readonly isActive: () => boolean;
  readonly clock: EngineClock;
  readonly everyMs: number;
  /** Longer than anything is in flight between two stages. */
  readonly patienceMs: number;
  readonly events: EmittersOf<(typeof events)['declared']>;
  /** Takes back the figures that another instance exposes now. */
  readonly forgetFigures: () => void;
  readonly onFatal: (error: unknown) => void;
}

export interface LedgerWatch {
  stop(): Promise<void>;
}

/** What is known while this instance watches. */
interface Watching {
  readonly ledger: LedgerReader;
  /** Begins after the first look: what is long past is added up, not read again. */
  audit: CommitAudit | null;
  findings: Findings;
  reconciliation: Reconciliation | null;
  open: OpenTroubles;
}

const passes: ReadonlySet<string> = new Set(['transient', 'dependency', 'fenced']);

/** Holds the stages against each other at intervals, and tells engineering what does not balance. */
export function watchLedger(options: LedgerWatchOptions): LedgerWatch {
  const { isActive, clock, everyMs, patienceMs, events: emit, onFatal } = options;
  let watching: Watching | undefined;
  let stopped = false;
  let cancel = (): void => undefined;
  let turning: Promise<void> = Promise.resolve();

  const start = async (): Promise<Watching> => {
    const ledger = await options.openLedger((row) => watching?.audit?.enter(row));
    return { ledger, audit: null, findings: noFindings, reconciliation: null, open: openTroubles(await options.told()) };
  };
  const auditLog = async (known: Watching): Promise<void> => {
    const audit = (known.audit ??= createCommitAudit());
    const read = await options.readOffsets(audit.stretches());
    for (const { stretch, offsets } of read) if (offsets === null) audit.forget(stretch);
    const found = read.flatMap(({ stretch, offsets }) => (offsets === null ? [] : audit.hold(stretch, offsets)));
    known.findings = rememberFindings(known.findings, found, clock.now());
  };
  const forget = async (): Promise<void> => {
    const closing = watching?.ledger;
    watching = undefined;
    await closing?.close();
  };
  const look = async (): Promise<void> => {
    if (!isActive()) {
      options.forgetFigures();
      return forget();
    }
    watching ??= await start();
    // Positions first: what the ledger tells afterwards can only be more.
    const positions = await options.positions();
    const totals = await watching.ledger.catchUp();
    const isWhole = watching.ledger.isWhole();
    const known = watching.reconciliation;
    const before = known === null || (!isWhole && known.base === null) ? startReconciliation(isWhole) : known;
    await auditLog(watching);
    const reconciled = reconcile(before, { atMs: clock.now(), positions, totals }, patienceMs);
    watching.reconciliation = reconciled.next;
    const { judgement, findings } = withFindings(reconciled, watching.findings, clock.now());
    watching.findings = findings;
    emit.ledgerReconciled({ count: judgement.imbalances.reduce((sum, { unaccounted }) => sum + unaccounted, 0) });
    if (troublesToTell(watching.open, judgement, clock.now()).length === 0) return;
    // What another instance told meanwhile counts: one that was paused does not know yet that it watches no more.
    watching.open = openTroubles(await options.told());
    const troubles = troublesToTell(watching.open, judgement, clock.now());
    if (troubles.length === 0) return;
    await options.tell(troubles);
    watching.open = openTroubles([...watching.open.values(), ...troubles]);
    for (const { change, stage, topic, counts } of troubles) {
      if (change === 'raised') emit.ledgerTroubled({ group: stage, topic, count: counts['unaccounted'] ?? 0 });
      else emit.ledgerRecovered({ group: stage, topic });
    }
  };
  const turn = async (): Promise<void> => {
    try {
      await look();
    } catch (error) {
      const { kind, code } = classifyError(error);
      if (!passes.has(kind)) {
        onFatal(error);
        return;
      }
      emit.ledgerNotReconciled({ code: code as ErrorCode });
    }
    if (!stopped) cancel = clock.after(everyMs, begin);
  };
  const begin = (): void => {
    turning = turn();
  };
  begin();
  return {
    async stop() {
      stopped = true;
      cancel();
      await turning;
      await forget();
    },
  };
}
