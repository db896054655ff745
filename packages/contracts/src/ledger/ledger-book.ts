import type { BatchProgressed } from '../generated/types.ts';
import { topics } from '../topics.ts';
import { createRewoundRows, type RewoundRows, type VoidRow } from './rewound-rows.ts';

/** How many of a stage's records reached one of its sub-stages, and how many of them ended there. */
export interface SubStageTotals {
  readonly subStage: string;
  consumed: number;
  processed: number;
  suppressed: number;
}

/** What one stage did with one topic, added up. */
export interface StageTotals {
  readonly stage: string;
  readonly topic: string;
  consumed: number;
  processed: number;
  late: number;
  lateCorrected: number;
  duplicate: number;
  rejected: number;
  suppressed: number;
  readonly outputs: Record<string, number>;
  /** In the order in which records pass them; absent where the stage has none. They are parts of the counts above, not more. */
  subStages?: SubStageTotals[];
}

/** Adds up ledger rows, each once: a sink publishes a row again when its session is cut after the acknowledgement. */
export interface LedgerBook {
  /** Returns whether the row is a new one; one that was entered before changes nothing. */
  enter(row: BatchProgressed): boolean;
  totals(): readonly StageTotals[];
  /** A sink was rewound further than rows are remembered: its totals are too high. */
  hasLostTrack(): boolean;
}

const counts = ['consumed', 'processed', 'late', 'lateCorrected', 'duplicate', 'rejected', 'suppressed'] as const;

/** A stage that did nothing with a topic so far. */
export const emptyTotals = (stage: string, topic: string): StageTotals => ({
  stage,
  topic,
  consumed: 0,
  processed: 0,
  late: 0,
  lateCorrected: 0,
  duplicate: 0,
  rejected: 0,
  suppressed: 0,
  outputs: {},
});

const stagesThatWrite: ReadonlySet<string> = new Set(Object.values(topics).flatMap(({ writers }) => writers));

/** What writes to no topic may be rewound; of the others nobody takes back what their readers consumed. */
export const mayBeRewound = (stage: string): boolean => !stagesThatWrite.has(stage);

/** A row of a sub-stage tells once more of records that the stage's own row counts. What time did has no topic. */
const isOfSubStage = ({ subStage, topic }: BatchProgressed): boolean => subStage !== '' && topic !== '';

/** A commit writes its sub-stages in the order in which records pass them. */
function addSubStage(total: StageTotals, { subStage, consumed, processed, suppressed }: BatchProgressed): void {
  const known = (total.subStages ??= []);
  let part = known.find((other) => other.subStage === subStage);
  if (!part) known.push((part = { subStage, consumed: 0, processed: 0, suppressed: 0 }));
  part.consumed += consumed;
  part.processed += processed;
  part.suppressed += suppressed;
}

function add(total: StageTotals, row: VoidRow, sign: 1 | -1): void {
  for (const count of counts) total[count] += sign * row[count];
  for (const [topic, written] of Object.entries(row.outputs)) total.outputs[topic] = (total.outputs[topic] ?? 0) + sign * written;
}

/**
 * @param rememberRows  rows per place that are known again when they come twice or are rewound; bounds the memory of who
 *   follows the ledger for ever
 */
export function createLedgerBook(rememberRows = Number.POSITIVE_INFINITY): LedgerBook {
  const totals = new Map<string, StageTotals>();
  const sinks = new Map<string, RewoundRows>();
  /** By place; of a stage's row without a batch id only the offset is kept. */
  const seen = new Map<string, Set<number | string>>();

  const isFirst = (place: string, { stage, firstOffset, batchId, committedAt }: BatchProgressed): boolean => {
    const entries = seen.get(place) ?? new Set();
    seen.set(place, entries);
    const inBatch = batchId === null ? firstOffset : `${firstOffset}|${batchId}`;
    // After a rewind the same offset begins another row, which was committed at another time.
    const entry = mayBeRewound(stage) ? `${inBatch}|${committedAt}` : inBatch;
    const { size } = entries;
    const isNew = entries.add(entry).size > size;
    if (size >= rememberRows)
      for (const oldest of entries) {
        entries.delete(oldest);
        break;
      }
    return isNew;
  };

  return {
    enter(row) {
      const place = `${row.stage}|${row.subStage}|${row.topic}|${row.partition}`;
      if (!isFirst(place, row)) return false;
      const name = `${row.stage}|${row.topic}`;
      const total = totals.get(name) ?? emptyTotals(row.stage, row.topic);
      totals.set(name, total);
      if (isOfSubStage(row)) {
        addSubStage(total, row);
        return true;
      }
      add(total, row, 1);
      if (!mayBeRewound(row.stage)) return true;
      const sink = sinks.get(place) ?? createRewoundRows(rememberRows);
      sinks.set(place, sink);
      for (const gone of sink.enter(row)) add(total, gone, -1);
      return true;
    },
    totals: () => [...totals.values()],
    hasLostTrack: () => [...sinks.values()].some((sink) => sink.hasLostTrack()),
  };
}
