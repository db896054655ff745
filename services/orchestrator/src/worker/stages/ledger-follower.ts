import { createLedgerBook, topics, type BatchProgressed, type LedgerBook, type StageTotals } from '@vigil/contracts';
import type { Clock } from '@vigil/core';
import { offsetsSince, openLedger, type KafkaClient, type SchemaRegistry } from '@vigil/kafka';
import { tailTopic } from '../kafka/tail-topic.ts';

/** The account of one batch, growing. */
export interface FollowedBatch {
  totals(): readonly StageTotals[];
  /** Resolves at the next row of the batch. */
  changed(): Promise<void>;
  close(): void;
}

/** One reader of the ledger for all tasks of a worker. */
export interface LedgerFollower {
  /** @param sinceMs  nothing of the batch is older; 0 = not known */
  follow(batchId: string, sinceMs: number): Promise<FollowedBatch>;
  /** What all stages did since this follower began, whatever the batch. */
  totals(): readonly StageTotals[];
  close(): Promise<void>;
}

export interface FollowerOptions {
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  readonly clock: Clock;
  readonly onTrouble: (error: unknown) => void;
  /** Batches whose accounts are kept though nobody follows them: their stages may be asked about later. */
  readonly keepBatches?: number;
}

interface BatchAccount {
  readonly book: LedgerBook;
  /** Whether it holds every row that there ever was of the batch. */
  isWhole: boolean;
  followers: number;
  changed: PromiseWithResolvers<void>;
}

/** Rows known again per place, over all batches: repeats of sinks come soon after. */
const rememberRows = 1000;
/** Clocks of several machines differ by less. */
const slackMs = 60_000;

/** Follows `lineage.batch.progressed.v1` from now on; of a batch that began before, what came earlier is read once. */
export function createLedgerFollower({ client, registry, clock, onTrouble, keepBatches = 2000 }: FollowerOptions): LedgerFollower {
  const beganMs = clock.now();
  const everything = createLedgerBook(rememberRows);
  const accounts = new Map<string, BatchAccount>();
  let hasForgotten = false;

  const forgetOldest = (): void => {
    for (const [batchId, { followers }] of accounts) {
      if (accounts.size <= keepBatches) return;
      if (followers > 0) continue;
      accounts.delete(batchId);
      hasForgotten = true;
    }
  };
  const accountOf = (batchId: string): BatchAccount => {
    const known = accounts.get(batchId);
    // The one that was heard of last is forgotten last.
    accounts.delete(batchId);
    const account = known ?? { book: createLedgerBook(), isWhole: false, followers: 0, changed: Promise.withResolvers<void>() };
    accounts.set(batchId, account);
    if (known === undefined) forgetOldest();
    return account;
  };
  const enter = (row: BatchProgressed): void => {
    everything.enter(row);
    if (row.batchId === null) return;
    const account = accountOf(row.batchId);
    if (!account.book.enter(row)) return;
    account.changed.resolve();
    account.changed = Promise.withResolvers();
  };
  const tail = tailTopic({ client, registry, topic: topics.batchProgressed, from: 'end', onValue: enter, onTrouble });

  const readBack = async (batchId: string, account: BatchAccount, sinceMs: number): Promise<void> => {
    const from = sinceMs > 0 ? await offsetsSince(client, topics.batchProgressed.name, sinceMs, { slackMs }) : undefined;
    const reader = await openLedger({
      client,
      registry,
      ...(from && { from }),
      wants: (row) => {
        if (row.batchId === batchId) account.book.enter(row);
        return false;
      },
    });
    try {
      await reader.catchUp();
    } finally {
      await reader.close();
    }
  };
  const isSeenWhole = (sinceMs: number): boolean => !hasForgotten && sinceMs - slackMs >= beganMs;

  return {
    async follow(batchId, sinceMs) {
      await tail.caughtUp;
      const account = accountOf(batchId);
      account.followers++;
      try {
        if (!account.isWhole && !isSeenWhole(sinceMs)) await readBack(batchId, account, sinceMs);
        account.isWhole = true;
      } catch (error) {
        account.followers--;
        throw error;
      }
      return {
        totals: () => account.book.totals(),
        changed: () => account.changed.promise,
        close: () => void account.followers--,
      };
    },
    totals: () => everything.totals(),
    close: () => tail.stop(),
  };
}
