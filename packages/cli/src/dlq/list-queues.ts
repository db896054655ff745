import type { Clock } from '@vigil/core';
import type { KafkaClient } from '@vigil/kafka';
import { deadLetterTopics, type DeadLetterTopic } from './dead-letter-topics.ts';
import { matches, type EntryFilter } from './entry-filter.ts';
import { entryOf, type QuarantineEntry } from './quarantine-entry.ts';
import type { EntryState } from './request-rows.ts';
import type { EntryStates } from './request-store.ts';
import { placeName } from './select-entries.ts';
import { walkQueue, type QueueIdentity } from './walk-queue.ts';

/** `open`: nobody has asked for anything yet. */
export type StateName = 'open' | EntryState;

export interface QueueSummary {
  readonly topic: string;
  readonly group: string;
  /** Everything that is still kept, whatever became of it. */
  readonly count: number;
  /** Since the oldest one still kept was quarantined; null = none. */
  readonly oldestAgeSeconds: number | null;
  readonly codes: Readonly<Record<string, number>>;
  /** Null where the requests cannot be asked. */
  readonly states: Readonly<Record<StateName, number>> | null;
  /** Since the oldest open one was quarantined; null = none, or the requests cannot be asked. */
  readonly oldestOpenAgeSeconds: number | null;
}

/** What became of the records of a queue; null = it cannot be asked. */
export type StatesOf = (queue: QueueIdentity) => Promise<EntryStates | null>;

export interface LookOptions {
  readonly client: KafkaClient;
  readonly clock: Clock;
  readonly statesOf: StatesOf;
  readonly filter?: EntryFilter;
  /** Origin topic. */
  readonly topic?: string;
  readonly group?: string;
}

export interface SeenEntry {
  readonly queue: DeadLetterTopic;
  readonly entry: QuarantineEntry;
  /** Null where the requests cannot be asked. */
  readonly state: StateName | null;
}

/** Shows every matching record of the chosen queues; answers the queues that there are. */
export async function lookThrough(
  { client, statesOf, filter = {}, topic, group }: LookOptions,
  onEntry: (seen: SeenEntry) => void,
): Promise<readonly DeadLetterTopic[]> {
  const chosen = deadLetterTopics().filter(
    (queue) =>
      (topic === undefined || queue.origin.name === topic || queue.name === topic) && (group === undefined || queue.group === group),
  );
  const described = await client.admin.describeTopics(chosen.map(({ name }) => name));
  const existing = new Map(described.map((found) => [found.name, found]));
  const found = chosen.filter(({ name }) => existing.has(name));
  for (const queue of found) {
    const { topicId, partitions = 0 } = existing.get(queue.name) ?? {};
    const identity = { topic: queue.name, topicId: topicId ?? '', partitions };
    const states = await statesOf(identity);
    await walkQueue(client, identity, (partition, records) => {
      for (const record of records) {
        const entry = entryOf(partition, record);
        if (matches(filter, entry)) onEntry({ queue, entry, state: states === null ? null : (states.get(placeName(entry)) ?? 'open') });
      }
    });
  }
  return found;
}

interface Tally {
  count: number;
  oldestMs: number;
  oldestOpenMs: number;
  readonly codes: Record<string, number>;
  states: Record<StateName, number> | null;
}

const emptyTally = (): Tally => ({
  count: 0,
  oldestMs: Number.POSITIVE_INFINITY,
  oldestOpenMs: Number.POSITIVE_INFINITY,
  codes: {},
  states: { open: 0, claimed: 0, requeued: 0, discarded: 0 },
});

function count(tally: Tally, { entry, state }: SeenEntry): void {
  const code = entry.code ?? 'UNKNOWN';
  tally.count++;
  tally.codes[code] = (tally.codes[code] ?? 0) + 1;
  tally.oldestMs = Math.min(tally.oldestMs, entry.timestamp);
  if (state === null) tally.states = null;
  else if (tally.states) tally.states[state]++;
  if (state === 'open') tally.oldestOpenMs = Math.min(tally.oldestOpenMs, entry.timestamp);
}

/** What stands in each quarantine, by error code and by what became of it. Values are not looked at. */
export async function listQueues(options: LookOptions): Promise<QueueSummary[]> {
  const tallies = new Map<string, Tally>();
  const queues = await lookThrough(options, (seen) => {
    const tally = tallies.get(seen.queue.name) ?? emptyTally();
    tallies.set(seen.queue.name, tally);
    count(tally, seen);
  });
  const nowMs = options.clock.now();
  const ageOf = (ms: number): number | null => (Number.isFinite(ms) ? Math.max(0, nowMs - ms) / 1000 : null);
  return queues.map(({ name, group }) => {
    const { count: total, oldestMs, oldestOpenMs, codes, states } = tallies.get(name) ?? emptyTally();
    return {
      topic: name,
      group,
      count: total,
      oldestAgeSeconds: ageOf(oldestMs),
      codes,
      states,
      oldestOpenAgeSeconds: ageOf(oldestOpenMs),
    };
  });
}
