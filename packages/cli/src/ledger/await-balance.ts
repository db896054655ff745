import { balanceLedger, type Ledger, type StageTotals } from '@vigil/contracts';
import type { PartitionLag } from '@vigil/kafka';

type Position = Pick<PartitionLag, 'group' | 'topic' | 'lagRecords'>;

export interface BalanceSources {
  readonly positions: () => Promise<readonly Position[]>;
  readonly totals: () => Promise<readonly StageTotals[]>;
  /** Windows not closed yet, null = nobody can tell at the moment; asked only where the caller wants them closed. */
  readonly openWindows: (() => Promise<number | null>) | undefined;
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

export interface BalanceAnswer {
  readonly ledger: Ledger;
  /** Every group stood at the end of everything it reads, and no window was open where that was asked. */
  readonly drained: boolean;
}

const pollMs = 250;

async function isDrained(positions: readonly Position[], openWindows: BalanceSources['openWindows']): Promise<boolean> {
  if (positions.some(({ lagRecords }) => lagRecords > 0)) return false;
  return openWindows === undefined || (await openWindows()) === 0;
}

/** The balance of this moment. Positions are taken first: what the ledger tells afterwards can only be more. */
async function look({ positions, totals, openWindows }: BalanceSources): Promise<BalanceAnswer> {
  const taken = await positions();
  const drained = await isDrained(taken, openWindows);
  return { drained, ledger: balanceLedger(await totals(), taken) };
}

/** Waits until everything is read and accounted for, at most `withinMs`; then the last answer there was. */
export async function awaitBalance(sources: BalanceSources, withinMs: number): Promise<BalanceAnswer> {
  const untilMs = sources.nowMs() + withinMs;
  for (;;) {
    const answer = await look(sources);
    if ((answer.drained && answer.ledger.balanced) || sources.nowMs() >= untilMs) return answer;
    await sources.sleep(Math.min(pollMs, Math.max(1, untilMs - sources.nowMs())));
  }
}
