import { VigilError } from '@vigil/core';
import type { PositionToCommit, TransactionalProducer } from '../ports/kafka-client.ts';
import type { ClusterLink } from './cluster-link.ts';
import type { KafkajsBroker } from './kafkajs-internals.ts';
import { planRounds, produceRound, type PartitionBatch } from './produce.ts';
import { retryBusy } from './retry-busy.ts';
import { createSequenceBook, type SequenceBook } from './sequence-book.ts';

export interface TransactionalOptions {
  readonly link: ClusterLink;
  readonly transactionalId: string;
  readonly transactionTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

interface Identity {
  readonly producerId: string;
  readonly producerEpoch: number;
  readonly sequences: SequenceBook;
  readonly coordinator: KafkajsBroker;
}

type State = 'new' | 'ready' | 'open' | 'broken';

const topicsOf = (positions: readonly PositionToCommit[]) =>
  [...Map.groupBy(positions, ({ topic }) => topic)].map(([topic, ofTopic]) => ({
    topic,
    partitions: ofTopic.map(({ partition, offset, metadata }) => ({ partition, offset: String(offset), metadata })),
  }));

/**
 * The transaction protocol over kafkajs's connections. Ours instead of kafkajs's producer, so that: `fence` is its own
 * step, one request is in flight, sequences wrap as they should, AddOffsetsToTxn is retried, and after any error this
 * object refuses to go on.
 */
export function createTransactionalProducer({
  link,
  transactionalId,
  transactionTimeoutMs,
  requestTimeoutMs,
}: TransactionalOptions): TransactionalProducer {
  let identity: Identity | null = null;
  let state: State = 'new';
  const inTransaction = new Set<string>();
  let hasOffsets = false;

  const expect = (wanted: State): Identity => {
    if (state !== wanted || !identity)
      throw new VigilError('TIMED_OUT', { detail: `The producer is ${state}, not ${wanted}: it must be discarded.` });
    return identity;
  };
  const guarded = async <Value>(step: () => Promise<Value>): Promise<Value> => {
    try {
      return await step();
    } catch (error) {
      state = 'broken';
      throw error;
    }
  };
  const ids = ({ producerId, producerEpoch }: Identity) => ({ transactionalId, producerId, producerEpoch });
  const addPartitions = async (batches: readonly PartitionBatch[], own: Identity): Promise<void> => {
    const fresh = batches.filter(({ topic, partition }) => !inTransaction.has(`${topic}/${partition}`));
    if (fresh.length === 0) return;
    const topics = [...Map.groupBy(fresh, ({ topic }) => topic)].map(([topic, ofTopic]) => ({
      topic,
      partitions: [...new Set(ofTopic.map(({ partition }) => partition))],
    }));
    await retryBusy(() => own.coordinator.addPartitionsToTxn({ ...ids(own), topics }), transactionTimeoutMs);
    for (const { topic, partition } of fresh) inTransaction.add(`${topic}/${partition}`);
  };
  const end = (transactionResult: boolean): Promise<void> =>
    guarded(async () => {
      const own = expect('open');
      if (inTransaction.size > 0 || hasOffsets) {
        await retryBusy(() => own.coordinator.endTxn({ ...ids(own), transactionResult }), transactionTimeoutMs);
      }
      inTransaction.clear();
      hasOffsets = false;
      state = 'ready';
    });

  return {
    fence: () =>
      guarded(async () => {
        if (state !== 'new') throw new VigilError('TIMED_OUT', { detail: 'A producer is fenced once.' });
        const coordinator = await link.transactionCoordinator(transactionalId);
        const { producerId, producerEpoch } = await retryBusy(
          () => coordinator.initProducerId({ transactionalId, transactionTimeout: transactionTimeoutMs }),
          2 * transactionTimeoutMs,
        );
        identity = { producerId: String(producerId), producerEpoch, sequences: createSequenceBook(), coordinator };
        state = 'ready';
      }),
    async begin() {
      expect('ready');
      state = 'open';
    },
    send: (records) =>
      guarded(async () => {
        const own = expect('open');
        const rounds = planRounds(records);
        await addPartitions(rounds.flat(), own);
        const { producerEpoch, sequences } = own;
        for (const round of rounds) {
          await produceRound(
            link,
            round,
            { transactionalId, producerId: Number(own.producerId), producerEpoch, sequences },
            requestTimeoutMs,
          );
        }
      }),
    sendPositions: (group, positions) =>
      guarded(async () => {
        const own = expect('open');
        await retryBusy(() => own.coordinator.addOffsetsToTxn({ ...ids(own), groupId: group }), transactionTimeoutMs);
        hasOffsets = true;
        const coordinator = await link.groupCoordinator(group);
        await retryBusy(
          () => coordinator.txnOffsetCommit({ ...ids(own), groupId: group, topics: topicsOf(positions) }),
          transactionTimeoutMs,
        );
      }),
    commit: () => end(true),
    abort: () => end(false),
    async close() {
      state = 'broken';
      await link.close();
    },
  };
}
