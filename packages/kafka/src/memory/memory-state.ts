import { VigilError } from '@vigil/core';
import type { AppendedBatch, GroupListener, PositionToCommit, ProducedRecord, TopicPartition } from '../ports/kafka-client.ts';
import { createMemoryLog, type LogTransaction, type MemoryLog } from './memory-log.ts';

export interface MemoryTopic {
  readonly name: string;
  readonly topicId: string;
  readonly logs: readonly MemoryLog[];
  readonly config: Readonly<Record<string, string>>;
}

export interface MemoryTransaction extends LogTransaction {
  readonly startedAtMs: number;
  readonly logs: Set<MemoryLog>;
  readonly positions: Map<string, { readonly group: string; readonly position: PositionToCommit }>;
}

/** What the broker knows of one transactional id. */
export interface ProducerState {
  epoch: number;
  transaction: MemoryTransaction | null;
  /** Its last transaction is decided, its markers are still being written; resolves when they all are. */
  ending: Promise<void> | null;
  timeoutMs: number;
}

export interface MemoryMember {
  readonly id: string;
  readonly topics: readonly string[];
  readonly listener: GroupListener;
  owned: readonly number[];
}

export interface MemoryGroup {
  readonly members: Map<string, MemoryMember>;
  readonly committed: Map<string, PositionToCommit>;
}

/** Everything an in-memory broker keeps; shared by its clients. */
export interface MemoryState {
  readonly topics: Map<string, MemoryTopic>;
  readonly producers: Map<string, ProducerState>;
  readonly groups: Map<string, MemoryGroup>;
  /** Called after every change that a waiting reader may be waiting for. */
  readonly waiting: Set<() => void>;
  readonly now: () => number;
  /** Does something that the coordinator does after it has answered; `null` = it is done at once. */
  readonly later: ((run: () => void) => void) | null;
  /** Calls back after a delay; `null` = the clock cannot. */
  readonly after: ((delayMs: number, run: () => void) => () => void) | null;
  /** How often coordinators moved to another broker, and until when the last one loads what they know. */
  readonly coordinators: { moves: number; loadedAtMs: number };
  created: number;
}

export const createMemoryState = ({ now, later, after }: Pick<MemoryState, 'now' | 'later' | 'after'>): MemoryState => ({
  topics: new Map(),
  producers: new Map(),
  groups: new Map(),
  waiting: new Set(),
  now,
  later,
  after,
  coordinators: { moves: 0, loadedAtMs: 0 },
  created: 0,
});

export const placeOf = ({ topic, partition }: TopicPartition): string => `${topic}:${partition}`;

export function groupOf(state: MemoryState, name: string): MemoryGroup {
  let group = state.groups.get(name);
  if (!group) state.groups.set(name, (group = { members: new Map(), committed: new Map() }));
  return group;
}

export function logOf(state: MemoryState, { topic, partition }: TopicPartition): MemoryLog {
  const log = state.topics.get(topic)?.logs[partition];
  if (!log) throw new VigilError('TOPIC_MISSING', { detail: `${topic}-${partition}` });
  return log;
}

export function createTopic(state: MemoryState, name: string, partitions: number, config: Readonly<Record<string, string>>): void {
  const logs = Array.from({ length: partitions }, () => createMemoryLog());
  state.topics.set(name, { name, topicId: `memory-${++state.created}`, logs, config });
}

function wakeReaders(state: MemoryState): void {
  const waiting = [...state.waiting];
  state.waiting.clear();
  for (const wake of waiting) wake();
}

/** Appends as the broker would: batch size limit and its own time where the topic asks for that. */
export function appendRecords(
  state: MemoryState,
  records: readonly ProducedRecord[],
  transaction: MemoryTransaction | null,
): readonly AppendedBatch[] {
  for (const record of records) {
    const config = state.topics.get(record.topic)?.config ?? {};
    const limit = Number(config['max.message.bytes'] ?? Number.POSITIVE_INFINITY);
    if ((record.value?.length ?? 0) + (record.key?.length ?? 0) > limit)
      throw new VigilError('MESSAGE_TOO_LARGE', { detail: record.topic });
    logOf(state, record);
  }
  const appended = new Map<string, { topic: string; partition: number; firstOffset: number; count: number }>();
  for (const record of records) {
    const log = logOf(state, record);
    const own = state.topics.get(record.topic)?.config['message.timestamp.type'] === 'LogAppendTime';
    const offset = log.append(record, own ? state.now() : (record.timestamp ?? state.now()), transaction);
    transaction?.logs.add(log);
    const batch = appended.getOrInsert(placeOf(record), {
      topic: record.topic,
      partition: record.partition,
      firstOffset: offset,
      count: 0,
    });
    batch.count++;
  }
  wakeReaders(state);
  return [...appended.values()];
}

/**
 * Ends a transaction: markers in every log, positions in force only when committed. As in Kafka the decision is answered
 * before it shows: each marker is written later, on its own, and only when all are there is the transactional id free.
 */
export function endTransaction(state: MemoryState, producer: ProducerState, outcome: 'committed' | 'aborted'): void {
  const { transaction } = producer;
  if (!transaction) return;
  producer.transaction = null;
  transaction.state = outcome;
  const showPositions = (): void => {
    if (outcome === 'aborted') return;
    for (const { group, position } of transaction.positions.values()) groupOf(state, group).committed.set(placeOf(position), position);
  };
  const steps = [...[...transaction.logs].map((log) => () => log.mark(transaction)), showPositions];
  const { later } = state;
  if (!later) {
    for (const step of steps) step();
    return wakeReaders(state);
  }
  const ended = Promise.withResolvers<void>();
  producer.ending = ended.promise;
  let open = steps.length;
  for (const step of steps) {
    later(() => {
      step();
      wakeReaders(state);
      if (--open > 0) return;
      producer.ending = null;
      ended.resolve();
    });
  }
}

/** What the transaction coordinator does on its own: a transaction that hangs beyond its time-out is aborted and fenced. */
export function expireTransactions(state: MemoryState): void {
  for (const producer of state.producers.values()) {
    if (producer.transaction && state.now() - producer.transaction.startedAtMs > producer.timeoutMs) {
      producer.epoch++;
      endTransaction(state, producer, 'aborted');
    }
  }
}
