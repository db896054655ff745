import type { Emission, Outcome, SubStageEnd } from '@vigil/core';
import type { FetchedRecord, ProducedRecord, RecordHeaders } from '../ports/kafka-client.ts';
import {
  ledgerRowOf,
  noCounts,
  openTally,
  tallyOutcome,
  tallyOutput,
  tallyRun,
  tallySubStage,
  type LedgerContext,
  type LedgerTally,
} from './ledger-tally.ts';
import type { DispositionCounts } from './engine-observer.ts';
import { batchIdOf, headerNames, lineageHeaders, textHeader } from './record-headers.ts';
import type { PlannedSink, PlannedSource, TopologyPlan } from './topology-plan.ts';

export interface QuietRun {
  readonly count: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly oldestTimestamp: number;
}

/** What one transaction will write, collected while records are handled. */
export interface OpenBatch {
  readonly consumed: number;
  /** Consumed records or emissions of a tick. */
  readonly isEmpty: boolean;
  /** When its first record was handled. */
  readonly openedAtMs: number;
  readonly oldestTimestamp: number;
  /** Distinct `traceparent` headers of the consumed records, the first hundred. */
  readonly traceparents: ReadonlySet<string>;
  readonly outputs: readonly ProducedRecord[];
  /** Of their keys and values. */
  readonly outputBytes: number;
  /** How many of them were made of many records. */
  readonly aggregates: number;
  /**
   * Counts one record and takes its emissions.
   * @throws when an emission is not one of the topology's or does not fit its schema
   */
  add(source: PlannedSource, record: FetchedRecord, outcome: Outcome): void;
  /** Counts a run of records without headers that were processed and of which nothing is written. */
  addQuiet(source: PlannedSource, run: QuietRun): void;
  /** A record for quarantine: written as it is. */
  addDeadLetter(source: PlannedSource, record: FetchedRecord, letter: ProducedRecord): void;
  addTick(emissions: readonly Emission[], nowMs: number): void;
  ledgerRecords(context: LedgerContext): readonly ProducedRecord[];
  counts(): DispositionCounts;
  outputCounts(): Record<string, number>;
}

const mostTraces = 100;
const noHeaders: RecordHeaders = Object.freeze([]);
const rejectedOutcome: Outcome = { disposition: 'rejected', code: 'BAD_SHAPE' };

export function openBatch(plan: TopologyPlan, partition: number, nowMs: number): OpenBatch {
  const outputs: ProducedRecord[] = [];
  const tallies = new Map<string, LedgerTally>();
  let outputBytes = 0;
  let aggregates = 0;
  let consumed = 0;
  let oldestTimestamp = Number.POSITIVE_INFINITY;
  const traceparents = new Set<string>();
  let lastTally: LedgerTally | null = null;

  const tallyOf = (topic: string, batchId: string | null, firstOffset: number, subStage = ''): LedgerTally => {
    if (lastTally && lastTally.topic === topic && lastTally.batchId === batchId && lastTally.subStage === subStage) return lastTally;
    const place = JSON.stringify([subStage, topic, batchId]);
    let tally = tallies.get(place);
    if (!tally) tallies.set(place, (tally = openTally({ subStage, topic, batchId, firstOffset })));
    return (lastTally = tally);
  };
  /** A batch has few places and a place few parts: they hang at the tally of their place, where finding them costs nothing. */
  const partOf = (subStage: string, { parts, topic, batchId }: LedgerTally, firstOffset: number): LedgerTally => {
    let part = parts.get(subStage);
    if (!part) parts.set(subStage, (part = openTally({ subStage, topic, batchId, firstOffset })));
    return part;
  };
  const sinkOf = (name: string): PlannedSink => {
    const sink = plan.sinks.get(name);
    if (!sink) throw new TypeError(`${plan.group} emits to ${name}, which is not among its sinks`);
    return sink;
  };
  const emit = (emission: Emission, tally: LedgerTally, headers: RecordHeaders): void => {
    const sink = sinkOf(emission.topic.name);
    const output = sink.encode(partition, emission, emission.lineage === 'record' ? headers : noHeaders);
    outputs.push(output);
    outputBytes += output.size;
    if (emission.lineage === 'aggregate') aggregates++;
    tallyOutput(tally, sink.name);
  };
  /** Each sub-stage that the record reached counts it: as processed where it went on, as suppressed where it ended. */
  const passSubStages = (place: LedgerTally, offset: number, { subStage, end }: SubStageEnd): void => {
    const last = plan.topology.subStages.indexOf(subStage);
    if (last < 0) throw new TypeError(`${plan.group} has no sub-stage ${subStage}`);
    for (let index = 0; index <= last; index++) {
      const name = plan.topology.subStages[index] as string;
      const tally = partOf(name, place, offset);
      tallySubStage(tally, offset, index < last || end === 'passed' ? 'processed' : 'suppressed');
    }
  };
  const consume = (source: PlannedSource, record: FetchedRecord, outcome: Outcome, headers: RecordHeaders): LedgerTally => {
    const batchId = batchIdOf(headers);
    const tally = tallyOf(source.name, batchId, record.offset);
    tallyOutcome(tally, record.offset, outcome);
    if (outcome.disposition === 'processed' && outcome.subStages) passSubStages(tally, record.offset, outcome.subStages);
    consumed++;
    if (record.timestamp < oldestTimestamp) oldestTimestamp = record.timestamp;
    const traceparent = headers.length === 0 || traceparents.size >= mostTraces ? null : textHeader(headers, headerNames.traceparent);
    if (traceparent !== null) traceparents.add(traceparent);
    return tally;
  };

  return {
    get consumed() {
      return consumed;
    },
    get isEmpty() {
      return tallies.size === 0;
    },
    openedAtMs: nowMs,
    get oldestTimestamp() {
      return oldestTimestamp;
    },
    traceparents,
    outputs,
    get outputBytes() {
      return outputBytes;
    },
    get aggregates() {
      return aggregates;
    },
    add(source, record, outcome) {
      const headers = lineageHeaders(record.headers());
      const tally = consume(source, record, outcome, headers);
      if (outcome.disposition !== 'processed' && outcome.disposition !== 'late') return;
      for (const emission of outcome.emissions) emit(emission, tally, headers);
    },
    addQuiet({ name }, { firstOffset, ...run }) {
      tallyRun(tallyOf(name, null, firstOffset), run);
      consumed += run.count;
      if (run.oldestTimestamp < oldestTimestamp) oldestTimestamp = run.oldestTimestamp;
    },
    addDeadLetter(source, record, letter) {
      outputs.push(letter);
      outputBytes += (letter.key?.length ?? 0) + (letter.value?.length ?? 0);
      tallyOutput(consume(source, record, rejectedOutcome, lineageHeaders(record.headers())), letter.topic);
    },
    addTick(emissions, tickMs) {
      if (emissions.length === 0) return;
      const tally = tallyOf('', null, tickMs, 'tick');
      for (const emission of emissions) emit(emission, tally, noHeaders);
    },
    ledgerRecords: (context) =>
      [...tallies.values()]
        .flatMap((tally) => [tally, ...tally.parts.values()])
        .map((tally) => plan.ledger.encode(partition, { key: plan.group, value: ledgerRowOf(tally, context) })),
    counts() {
      const sum = noCounts();
      for (const { counts } of tallies.values())
        for (const name of Object.keys(sum) as (keyof DispositionCounts)[]) sum[name] += counts[name];
      return sum;
    },
    outputCounts() {
      const sum: Record<string, number> = {};
      for (const tally of tallies.values()) for (const [topic, count] of tally.outputs) sum[topic] = (sum[topic] ?? 0) + count;
      return sum;
    },
  };
}
