import type { Clock } from '@vigil/core';
import type { GroupMember, IdempotentProducer, KafkaClient, TopicPartition } from '../ports/kafka-client.ts';
import { createAskCoordinator } from './ask-coordinator.ts';
import { createMemoryAdmin } from './memory-admin.ts';
import { openMemoryFetcher } from './memory-fetcher.ts';
import { expelMembers, joinMemoryGroup, type Hook } from './memory-group.ts';
import type { MemoryLog } from './memory-log.ts';
import { openMemoryProducer } from './memory-producer.ts';
import { createSequenceBook } from './sequence-book.ts';
import { appendRecords, createMemoryState, createTopic, groupOf, logOf, type MemoryState } from './memory-state.ts';

export interface MemoryBrokerOptions {
  readonly clock: Clock & { after?(delayMs: number, run: () => void): () => void };
  readonly maxRecordsPerBatch?: number;
  /**
   * How long after its answer the coordinator writes a marker, drawn anew for each; needs a clock that calls back.
   * Absent = at once.
   */
  readonly markerDelayMs?: () => number;
}

export interface MemoryClientOptions {
  /** Called before (and where it matters after) every operation; what it throws the operation throws. */
  readonly hook?: Hook;
}

/** A Kafka in memory: logs, transactions, groups. No timers of its own, the same calls give the same result. */
export interface MemoryBroker {
  connect(options?: MemoryClientOptions): KafkaClient;
  createTopic(name: string, partitions: number, config?: Readonly<Record<string, string>>): void;
  deleteTopic(name: string): void;
  log(place: TopicPartition): MemoryLog;
  /** The members of a group, oldest first. */
  members(group: string): readonly string[];
  /** Ends sessions without telling the members. */
  expel(group: string, ids: readonly string[]): void;
  /** Moves the coordinators of all groups and transactions to another broker, which loads for `loadMs`. */
  moveCoordinators(loadMs: number): void;
}

const noHook: Hook = () => Promise.resolve();

function openIdempotent(state: MemoryState, hook: Hook): IdempotentProducer {
  const isRepeat = createSequenceBook();
  return {
    async send(records) {
      await hook('produce:before');
      if (!isRepeat(records)) appendRecords(state, records, null);
      await hook('produce:after');
    },
    close: async () => undefined,
  };
}

export function createMemoryBroker({ clock, maxRecordsPerBatch = 500, markerDelayMs }: MemoryBrokerOptions): MemoryBroker {
  const after = clock.after?.bind(clock);
  const later = after && markerDelayMs ? (run: () => void): void => void after(markerDelayMs(), run) : null;
  const state = createMemoryState({ now: () => clock.now(), later, after: after ?? null });
  const fetching = { maxRecordsPerBatch, ...(after && { after }) };
  return {
    connect({ hook = noHook } = {}) {
      const members = new Set<GroupMember>();
      const ask = createAskCoordinator(state);
      return {
        admin: createMemoryAdmin(state, hook, ask),
        async join(options) {
          await hook('join');
          ask();
          const member = joinMemoryGroup(state, options, { hook, ask });
          members.add(member);
          return member;
        },
        openFetcher: async () => openMemoryFetcher(state, fetching, hook),
        openTransactionalProducer: async (options) => openMemoryProducer(state, options, { hook, ask }),
        openIdempotentProducer: async () => openIdempotent(state, hook),
        async close() {
          for (const member of members) await member.leave();
        },
      };
    },
    createTopic: (name, partitions, config = {}) => createTopic(state, name, partitions, config),
    deleteTopic: (name) => void state.topics.delete(name),
    log: (place) => logOf(state, place),
    members: (group) => [...groupOf(state, group).members.keys()],
    expel: (group, ids) => expelMembers(state, group, ids),
    moveCoordinators(loadMs) {
      state.coordinators.moves++;
      state.coordinators.loadedAtMs = clock.now() + loadMs;
    },
  };
}
