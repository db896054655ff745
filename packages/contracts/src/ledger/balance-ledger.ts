import { dlqTopicOf } from '../topic-names.ts';
import type { Topic } from '../topic.ts';
import { topics } from '../topics.ts';
import { emptyTotals, type StageTotals } from './ledger-book.ts';

/** What a group has still to read of a topic's partition. */
export interface WaitingRecords {
  readonly group: string;
  readonly topic: string;
  readonly lagRecords: number;
}

export interface LedgerStage extends Readonly<StageTotals> {
  /** Records that this stage owes an account of: not read yet, or without a disposition. */
  readonly unaccounted: number;
}

export interface Ledger {
  readonly balanced: boolean;
  readonly unaccounted: number;
  readonly stages: readonly LedgerStage[];
}

const catalogue: readonly Topic[] = Object.values(topics);
const outsiders: readonly string[] = ['devices', 'hospitals', 'gateway', 'cli', 'every-stage'];
/** The orchestrator hands work out, its workers bring in what lies outside: neither reads a topic to write another, so neither keeps an account. */
const keepsNoAccount = (writer: string): boolean =>
  outsiders.includes(writer) || writer === 'orchestrator' || writer.startsWith('orchestrator-worker');

/** Topics of which the ledger knows every record: written by stages only, and nothing is compacted away before it is read. */
export const countedTopics: ReadonlySet<string> = new Set(
  catalogue.filter(({ writers, cleanup }) => cleanup === 'delete' && !writers.some(keepsNoAccount)).map(({ name }) => name),
);

/** Everything written to each topic, by all stages. */
export function writtenTo(totals: readonly StageTotals[]): Map<string, number> {
  const written = new Map<string, number>();
  for (const { outputs } of totals)
    for (const [topic, count] of Object.entries(outputs)) written.set(topic, (written.get(topic) ?? 0) + count);
  return written;
}

/** consumed = processed + late + duplicate + rejected + suppressed, and what was rejected stands in quarantine. */
export function ownImbalance({ stage, topic, consumed, processed, late, duplicate, rejected, suppressed, outputs }: StageTotals): number {
  const quarantined = outputs[dlqTopicOf(topic.replace(`.${stage}.retry`, ''), stage)] ?? 0;
  return Math.abs(consumed - processed - late - duplicate - rejected - suppressed) + Math.abs(rejected - quarantined);
}

/** Along the flow: in the order of the catalogue, what the passing of time did last. */
function placeOf({ topic }: StageTotals): number {
  const index = catalogue.findIndex(({ name }) => topic.startsWith(name));
  return index < 0 ? catalogue.length : index;
}

/**
 * Holds the stages against each other: what was written to a topic = what each of its readers consumed.
 *
 * Where outsiders write (devices, hospitals, batch jobs), and on compacted topics, nobody counts what was written; there the
 * reader owes what lies between its position and the end.
 *
 * @param lags  positions taken before the ledger was read
 */
export function balanceLedger(totals: readonly StageTotals[], lags: readonly WaitingRecords[]): Ledger {
  const written = writtenTo(totals);
  const waiting = new Map<string, number>();
  const rows = new Map<string, StageTotals>();
  for (const { group, topic, lagRecords } of lags) {
    const name = `${group}|${topic}`;
    waiting.set(name, (waiting.get(name) ?? 0) + lagRecords);
    if (lagRecords > 0 || (written.get(topic) ?? 0) > 0) rows.set(name, emptyTotals(group, topic));
  }
  for (const total of totals) rows.set(`${total.stage}|${total.topic}`, total);

  const stages: LedgerStage[] = [];
  for (const [name, row] of [...rows].sort(([, a], [, b]) => placeOf(a) - placeOf(b))) {
    const owed = countedTopics.has(row.topic) ? Math.abs((written.get(row.topic) ?? 0) - row.consumed) : (waiting.get(name) ?? 0);
    stages.push({ ...row, unaccounted: ownImbalance(row) + owed });
  }
  const unaccounted = stages.reduce((sum, stage) => sum + stage.unaccounted, 0);
  return { balanced: unaccounted === 0, unaccounted, stages };
}
