import { VigilError } from '@vigil/core';
import type { TransactionalProducer } from '../ports/kafka-client.ts';
import { protocolError, type AskCoordinator } from './ask-coordinator.ts';
import type { Hook } from './memory-group.ts';
import {
  appendRecords,
  endTransaction,
  expireTransactions,
  placeOf,
  type MemoryState,
  type MemoryTransaction,
  type ProducerState,
} from './memory-state.ts';
import { createSequenceBook } from './sequence-book.ts';

/** How long a client asks again and again while markers are being written. */
const busyPatienceMs = 1_000;

const openTransaction = (nowMs: number): MemoryTransaction => ({
  state: 'open',
  startedAtMs: nowMs,
  logs: new Set(),
  positions: new Map(),
});

const producerOf = (state: MemoryState, transactionalId: string, timeoutMs: number): ProducerState => {
  let producer = state.producers.get(transactionalId);
  if (!producer) state.producers.set(transactionalId, (producer = { epoch: 0, transaction: null, ending: null, timeoutMs }));
  return producer;
};

/** A transactional producer with Kafka's epochs: each `fence` ends the predecessor's transaction and its rights. */
export function openMemoryProducer(
  state: MemoryState,
  { transactionalId, transactionTimeoutMs }: { readonly transactionalId: string; readonly transactionTimeoutMs: number },
  { hook, ask }: { readonly hook: Hook; readonly ask: AskCoordinator },
): TransactionalProducer {
  const producer = producerOf(state, transactionalId, transactionTimeoutMs);
  const isRepeat = createSequenceBook();
  let epoch = -1;
  let begun = false;
  const owned = (): ProducerState => {
    expireTransactions(state);
    if (producer.epoch !== epoch) throw new VigilError('FENCED', { detail: transactionalId });
    return producer;
  };
  /** While markers are being written the coordinator answers CONCURRENT_TRANSACTIONS, and a client asks again for a while. */
  const isFree = async (): Promise<void> => {
    while (producer.ending) {
      const gaveUp = Promise.withResolvers<never>();
      const cancel = state.after?.(busyPatienceMs, () => gaveUp.reject(protocolError('CONCURRENT_TRANSACTIONS')));
      await Promise.race([producer.ending, gaveUp.promise]);
      cancel?.();
    }
  };
  const inTransaction = (): MemoryTransaction => {
    if (!begun) throw new TypeError('no transaction was begun');
    return (owned().transaction ??= openTransaction(state.now()));
  };
  const end = async (operation: 'commit' | 'abort', outcome: 'committed' | 'aborted'): Promise<void> => {
    await hook(`${operation}:before`);
    ask();
    if (!begun) throw new TypeError('no transaction was begun');
    endTransaction(state, owned(), outcome);
    begun = false;
    await hook(`${operation}:after`);
  };
  return {
    async fence() {
      await hook('fence:before');
      ask();
      await isFree();
      endTransaction(state, producer, 'aborted');
      epoch = ++producer.epoch;
      producer.timeoutMs = transactionTimeoutMs;
      await isFree();
      await hook('fence:after');
    },
    async begin() {
      // Nothing is asked of the broker: a fence shows with the first request.
      if (epoch < 0) throw new TypeError('the producer was not fenced');
      begun = true;
    },
    async send(records) {
      await hook('send:before');
      if (isRepeat(records)) return [];
      // A partition joins the transaction by way of its coordinator.
      ask();
      await isFree();
      const appended = appendRecords(state, records, inTransaction());
      await hook('send:after');
      return appended;
    },
    async sendPositions(group, positions) {
      await hook('sendPositions:before');
      ask();
      await isFree();
      const { positions: pending } = inTransaction();
      for (const position of positions) pending.set(`${group}/${placeOf(position)}`, { group, position });
      await hook('sendPositions:after');
    },
    commit: () => end('commit', 'committed'),
    abort: () => end('abort', 'aborted'),
    async close() {
      begun = false;
    },
  };
}
