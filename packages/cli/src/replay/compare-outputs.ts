import type { AvroRecord } from '@vigil/contracts';
import { maskValue } from '../dlq/mask-value.ts';
import type { ComparedOutput } from './replayable-stages.ts';

/** A record of an output topic, decoded. */
export interface OutputRecord {
  readonly partition: number;
  readonly value: Readonly<Record<string, unknown>>;
}

export interface Bounds {
  /** What is about an earlier moment may lack readings from before the scope. */
  readonly fromMs: number;
  /** Per partition the ingestion time of the last replayed record: what took in a later one is beyond the end. */
  readonly lastReceivedMs: readonly number[];
}

export type DifferenceKind = 'changed' | 'onlyOld' | 'onlyNew';

export interface DifferenceSample {
  readonly kind: DifferenceKind;
  /** Masked. */
  readonly old: unknown;
  readonly new: unknown;
}

export interface OutputDifference {
  readonly topic: string;
  readonly equal: number;
  readonly changed: number;
  readonly onlyOld: number;
  readonly onlyNew: number;
  /** Not comparable: before the scope, beyond its end, or made by the passing of time in one of the two only. */
  readonly unsettled: number;
  /** Fields that differ, with how often. */
  readonly fields: Readonly<Record<string, number>>;
  readonly samples: readonly DifferenceSample[];
}

const samplesOfAKind = 5;

const isClose = (a: unknown, b: unknown): boolean => {
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
  return JSON.stringify(a) === JSON.stringify(b);
};

interface Side {
  readonly last: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** Keys that stand before the scope or took in something from behind its end, and nothing from within. */
  readonly outside: ReadonlySet<string>;
}

/** Of an output that lies anywhere the ends of all partitions count: they were taken at one moment. */
function lastReceivedOf({ partitioning }: ComparedOutput, { lastReceivedMs }: Bounds): (partition: number) => number {
  const latest = Object.values(lastReceivedMs).reduce((greatest, ms) => Math.max(greatest, ms), -Infinity);
  return partitioning === 'key' ? () => latest : (partition) => lastReceivedMs[partition] ?? -Infinity;
}

function sideOf(output: ComparedOutput, records: Iterable<OutputRecord>, bounds: Bounds): Side {
  const lastReceived = lastReceivedOf(output, bounds);
  const last = new Map<string, Readonly<Record<string, unknown>>>();
  const outside = new Set<string>();
  for (const { partition, value } of records) {
    const typed = value as never;
    const key = output.keyOf(typed);
    const isBeyond = output.receivedAtOf(typed) > lastReceived(partition);
    if (isBeyond || output.eventTimeOf(typed) < bounds.fromMs) {
      outside.add(key);
      continue;
    }
    const known = last.get(key);
    if (!known || output.revisionOf(known as never) <= output.revisionOf(typed)) last.set(key, value);
  }
  return { last, outside: new Set([...outside].filter((key) => !last.has(key))) };
}

/** Holds the last record of every key of one output against that of the other run. */
export function compareOutputs(
  output: ComparedOutput,
  sides: { readonly old: Iterable<OutputRecord>; readonly new: Iterable<OutputRecord> },
  bounds: Bounds,
): OutputDifference {
  const [old, fresh] = [sideOf(output, sides.old, bounds), sideOf(output, sides.new, bounds)];
  const counts = { equal: 0, changed: 0, onlyOld: 0, onlyNew: 0, unsettled: 0 };
  const fields: Record<string, number> = {};
  const samples: DifferenceSample[] = [];
  const masked = (value: OutputRecord['value'] | null): unknown =>
    value && maskValue(value, output.topic.schema as unknown as AvroRecord, 'ours');
  const note = (kind: DifferenceKind, before: OutputRecord['value'] | null, after: OutputRecord['value'] | null): void => {
    counts[kind] += 1;
    if (samples.filter((sample) => sample.kind === kind).length >= samplesOfAKind) return;
    samples.push({ kind, old: masked(before), new: masked(after) });
  };
  for (const key of new Set([...old.last.keys(), ...fresh.last.keys(), ...old.outside, ...fresh.outside])) {
    const before = old.last.get(key) ?? null;
    const after = fresh.last.get(key) ?? null;
    const isTimedAlone = (before === null) !== (after === null) && output.isTimed((before ?? after) as never);
    if (old.outside.has(key) || fresh.outside.has(key) || isTimedAlone) {
      counts.unsettled += 1;
    } else if (before === null || after === null) {
      note(before === null ? 'onlyNew' : 'onlyOld', before, after);
    } else {
      const differing = output.compared.filter((field) => !isClose(before[field], after[field]));
      for (const field of differing) fields[field] = (fields[field] ?? 0) + 1;
      if (differing.length === 0) counts.equal += 1;
      else note('changed', before, after);
    }
  }
  return { topic: output.topic.name, ...counts, fields, samples };
}
