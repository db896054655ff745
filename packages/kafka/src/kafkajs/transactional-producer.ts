import { VigilError } from '@vigil/core';
import type { AppendedBatch, PositionToCommit, TransactionalProducer } from '../ports/kafka-client.ts';
import type { ClusterLink } from './cluster-link.ts';
import type { KafkajsBroker } from './kafkajs-internals.ts';
import { deliverRound } from './deliver-round.ts';
import { planRounds, type PartitionBatch } from './produce.ts';
import { retryBusy } from './retry-busy.ts';
import { createSequenceBook, type SequenceBook } from './sequence-book.ts';

export interface TransactionalOptions {
  readonly link: ClusterLink;
  /** Takes the connection back from a producer that ends with nothing under way; without it the connection is closed. */
  readonly release?: (link: ClusterLink) => void;
  readonly transactionalId: string;
  readonly transactionTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

interface Identity {
  readonly producerId: string;
  readonly producerEpoch: number;
  readonly sequences: SequenceBook;
}

type State = 'new' | 'ready' | 'open' | 'broken' | 'closed';

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
  release,
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
      // Once closed its connection may be another producer's.
      if (state !== 'closed') state = 'broken';
      throw error;
    }
  };
  /** Coordinators are looked up once, and again when one says that it is another. */
  const coordinators = new Map<string, KafkajsBroker>();
  const ask = <Answer>(
    name: string,
    find: () => Promise<KafkajsBroker>,
    request: (broker: KafkajsBroker) => Promise<Answer>,
  ): Promise<Answer> =>
    retryBusy(async (attempt) => {
      const known = attempt === 1 ? coordinators.get(name) : undefined;
      const broker = known ?? (await find());
      coordinators.set(name, broker);
      return request(broker);
    }, transactionTimeoutMs);
  const askTransaction = <Answer>(request: (broker: KafkajsBroker) => Promise<Answer>): Promise<Answer> =>
    ask('', () => link.transactionCoordinator(transactionalId), request);
  const ids = ({ producerId, producerEpoch }: Identity) => ({ transactionalId, producerId, producerEpoch });
  const addPartitions = async (batches: readonly PartitionBatch[], own: Identity): Promise<void> => {
    const fresh = batches.filter(({ topic, partition }) => !inTransaction.has(`${topic}/${partition}`));
    if (fresh.length === 0) return;
    const topics = [...Map.groupBy(fresh, ({ topic }) => topic)].map(([topic, ofTopic]) => ({
      topic,
      partitions: [...new Set(ofTopic.map(({ partition }) => partition))],
    }));
    await askTransaction((broker) => broker.addPartitionsToTxn({ ...ids(own), topics }));
    for (const { topic, partition } of fresh) inTransaction.add(`${topic}/${partition}`);
  };
  const end = (transactionResult: boolean): Promise<void> =>
    guarded(async () => {
      const own = expect('open');
      if (inTransaction.size > 0 || hasOffsets) {
        await askTransaction((broker) => broker.endTxn({ ...ids(own), transactionResult }));
      }
      inTransaction.clear();
      hasOffsets = false;
      state = 'ready';
    });

  return {
    fence: () =>
      guarded(async () => {
        if (state !== 'new') throw new VigilError('TIMED_OUT', { detail: 'A producer is fenced once.' });
        const { producerId, producerEpoch } = await askTransaction((broker) =>
          broker.initProducerId({ transactionalId, transactionTimeout: transactionTimeoutMs }),
        );
        identity = { producerId, producerEpoch, sequences: createSequenceBook() };
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
        const producing = { transactionalId, producerId: Number(own.producerId), producerEpoch, sequences };
        const appended: AppendedBatch[] = [];
        for (const round of rounds)
          appended.push(
            ...(await deliverRound({ link, round, identity: producing, requestTimeoutMs, withinMs: transactionTimeoutMs / 2 })),
          );
        return appended;
      }),
    sendPositions: (group, positions) =>
      guarded(async () => {
        const own = expect('open');
        await askTransaction((broker) => broker.addOffsetsToTxn({ ...ids(own), groupId: group }));
        hasOffsets = true;
        const topics = topicsOf(positions);
        await ask(
          group,
          () => link.groupCoordinator(group),
          (broker) => broker.txnOffsetCommit({ ...ids(own), groupId: group, topics }),
        );
      }),
    commit: () => end(true),
    abort: () => end(false),
    async close() {
      const isAtRest = state === 'ready';
      const isClosed = state === 'closed';
      state = 'closed';
      if (isClosed) return;
      if (isAtRest && release) release(link);
      else await link.close();
    },
  };
}
