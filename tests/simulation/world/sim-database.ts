import { VigilError } from '@vigil/core';
import { createMemorySinkTarget, type MemorySinkTarget, type SinkBatch, type SinkTarget, type TopicPartition } from '@vigil/kafka';
import type { Violation } from '../checks/violation.ts';
import { createNetwork, databaseLink, type NetworkOptions } from './network.ts';
import type { ProcessLife } from './process-life.ts';

/** A database between which and the processes everything may happen that happens to connections. */
export interface SimDatabase {
  /** What it holds. */
  readonly content: MemorySinkTarget;
  /** As one process reaches it. */
  connect(life: ProcessLife): SinkTarget;
  readonly setAway: (away: boolean) => void;
  /** Deletes what came from an offset on and moves the position, once nobody holds its row. */
  rewind(place: TopicPartition, offset: number): void;
  readonly calmDown: () => void;
  /** Batches of an owner that had been fenced by then, and were written all the same. */
  readonly violations: readonly Violation[];
}

export type SimDatabaseOptions = Pick<NetworkOptions, 'clock' | 'random' | 'weather' | 'trace'> & {
  /** Whether a row of this record is one that a table cannot hold. */
  readonly isRefused: (value: unknown) => boolean;
};

/** A transaction that holds the rows of its positions. */
interface OpenTransaction {
  isOpen: boolean;
  readonly end: () => void;
}

interface Waiting {
  readonly places: readonly string[];
  readonly take: () => void;
}

/** PostgreSQL's own settings, as `packages/postgres` sets them. */
const idleInTransactionMs = 3_000;
const lockTimeoutMs = 5_000;

const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`;

/** Rows that one transaction holds at a time; who waits gets them in the order of asking. */
function createRowLocks({ clock }: Pick<SimDatabaseOptions, 'clock'>) {
  const held = new Set<string>();
  const waiting = new Set<Waiting>();
  const serve = (): void => {
    for (const each of waiting) if (!each.places.some((place) => held.has(place))) each.take();
  };
  return {
    /** @throws VigilError DATABASE_CONFLICT after the lock time-out */
    lock(places: readonly string[]): Promise<OpenTransaction> {
      const { promise, resolve, reject } = Promise.withResolvers<OpenTransaction>();
      const begin = (): void => {
        for (const place of places) held.add(place);
        const end = (): void => {
          if (!transaction.isOpen) return;
          transaction.isOpen = false;
          cancelIdle();
          for (const place of places) held.delete(place);
          serve();
        };
        const transaction: OpenTransaction = { isOpen: true, end };
        const cancelIdle = clock.after(idleInTransactionMs, end);
        resolve(transaction);
      };
      const asking: Waiting = {
        places,
        take() {
          waiting.delete(asking);
          cancelWait();
          begin();
        },
      };
      const cancelWait = clock.after(lockTimeoutMs, () => waiting.delete(asking) && reject(new VigilError('DATABASE_CONFLICT')));
      waiting.add(asking);
      serve();
      return promise;
    },
  };
}

export function createSimDatabase(options: SimDatabaseOptions): SimDatabase {
  const { isRefused } = options;
  const link = createNetwork({ ...options, ...databaseLink });
  const locks = createRowLocks(options);
  const epochs = new Map<string, number>();
  const violations: Violation[] = [];
  const content = createMemorySinkTarget({
    hook(operation, batch) {
      const refused = batch?.slices.some(({ records }) => records.some(({ value }) => isRefused(value)));
      if (operation === 'write' && refused) throw new VigilError('ROW_REFUSED');
      // The connection breaks behind the COMMIT: it took place, and nobody hears of it.
      if (operation === 'written' && options.random.chance(options.weather.responseLost)) throw new VigilError('DATABASE_AWAY');
    },
  });

  const commit = async (transaction: OpenTransaction, batch: SinkBatch) => {
    if (!transaction.isOpen) throw new VigilError('DATABASE_AWAY', { detail: 'The transaction was ended as idle.' });
    const current = batch.slices.map((slice) => epochs.get(nameOf(slice)));
    try {
      const effects = await content.write(batch);
      for (const [index, slice] of batch.slices.entries())
        if (slice.epoch !== current[index])
          violations.push({ invariant: 'I6', detail: `${nameOf(slice)}: epoch ${slice.epoch} wrote when ${current[index]} had it` });
      return effects;
    } finally {
      transaction.end();
    }
  };

  return {
    content,
    violations,
    setAway: link.setAway,
    calmDown: link.calmDown,
    connect: (life) => ({
      acquire: (requests) =>
        link.request(
          life,
          'acquire',
          async () => {
            const transaction = await locks.lock(requests.map(nameOf));
            try {
              const leases = await content.acquire(requests);
              for (const lease of leases) epochs.set(nameOf(lease), lease.epoch);
              return leases;
            } finally {
              transaction.end();
            }
          },
          lockTimeoutMs,
        ),
      async write(batch) {
        // Between the two the process may stand still, with the rows locked.
        const transaction = await link.request(life, 'advance', () => locks.lock(batch.slices.map(nameOf)), lockTimeoutMs);
        return link.request(life, 'COMMIT', () => commit(transaction, batch));
      },
      holds: (held) => link.request(life, 'holds', () => content.holds(held)),
      async relayLedger(publish) {
        await link.request(life, 'take ledger rows', () => Promise.resolve());
        return content.relayLedger(publish);
      },
    }),
    rewind(place, offset) {
      const run = async (): Promise<void> => {
        const transaction = await locks.lock([nameOf(place)]);
        const position = content.positionOf(place);
        if (position !== undefined && position >= offset) {
          content.rewind(place, offset);
          epochs.set(nameOf(place), (epochs.get(nameOf(place)) ?? 0) + 1);
        }
        transaction.end();
      };
      // Whoever rewinds tries again by hand.
      void run().catch(() => undefined);
    },
  };
}
