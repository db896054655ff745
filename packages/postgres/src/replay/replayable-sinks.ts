import { retryTopicOf, topics, type Topic } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import type { DatabaseName } from '../migration-files.ts';
import { deleteBySource, type RewindOptions } from '../rewind-sink.ts';
import { trimLoads } from './trim-loads.ts';

/** Tables that one topic is written to; constants of the code, with `src_topic, src_partition, src_offset`. */
export type SinkTables = readonly [table: string, ...more: string[]];

/** A sink that is replayed by rewinding it in its database. */
export interface ReplayableSink {
  readonly name: string;
  readonly database: DatabaseName;
  /** The tables of each topic that can be rewound, the one with a row per record first; the way back of a topic leads to the same ones. */
  readonly tables: readonly (readonly [topic: Topic, ...tables: SinkTables])[];
  readonly deleteRows: (tables: SinkTables) => RewindOptions['deleteRows'];
}

/** The fact tables of each de-identified topic. */
export const factTables = [
  [topics.deidReadingAccepted, 'warehouse.fact_vital_reading'],
  [topics.deidWindowClosed, 'warehouse.fact_vital_window'],
  [topics.deidAlertRaised, 'warehouse.fact_alert'],
  [
    topics.deidClaimAdjudicated,
    'warehouse.fact_claim',
    'warehouse.fact_claim_line',
    'warehouse.fact_claim_adjustment',
    'warehouse.bridge_claim_diagnosis',
  ],
  [topics.deidVisitRecorded, 'warehouse.fact_visit'],
  [topics.deidOutcomeRecorded, 'warehouse.fact_trial_outcome'],
] as const satisfies ReplayableSink['tables'];

/** The operational tables of each topic whose rows carry their position. */
export const operationalTables = [
  [topics.vitalsReadingAccepted, 'clinical.vital_reading'],
  [topics.claimAdjudicated, 'claims.decision', 'claims.decision_line', 'claims.decision_adjustment'],
] as const satisfies ReplayableSink['tables'];

/** Sinks whose rows carry the place they came from, so that exactly those of a range can be taken back. */
const replayableSinks: readonly ReplayableSink[] = [
  {
    name: 'warehouse-loader.warehouse',
    database: 'vigil_warehouse',
    tables: factTables,
    deleteRows: (tables) => async (transaction, from) => {
      const deleted = await deleteBySource(tables)(transaction, from);
      await trimLoads(transaction, from, tables[0]);
      return deleted;
    },
  },
  {
    name: 'warehouse-loader.operational',
    database: 'vigil',
    tables: operationalTables,
    deleteRows: deleteBySource,
  },
];

const inPlaceNever: Readonly<Record<string, string>> = {
  'warehouse-loader.lake': 'its files are whole: vigil cannot take back a part of one',
  'warehouse-loader.archive': 'it is the source that replays come from',
  'alert-router': 'people were paged: a page cannot be taken back, and a replay never pages',
};

/** @throws VigilError REPLAY_UNSUPPORTED, with the reason and what there is instead */
export function replayableSink(name: string): ReplayableSink {
  const sink = replayableSinks.find((candidate) => candidate.name === name);
  if (sink) return sink;
  const reason = inPlaceNever[name];
  const names = replayableSinks.map((candidate) => candidate.name).join(', ');
  throw new VigilError('REPLAY_UNSUPPORTED', { detail: `${name}: ${reason ?? 'no such sink'}. Sinks that can be rewound: ${names}.` });
}

/** @throws VigilError REPLAY_UNSUPPORTED where the sink keeps no rows of that topic by their source */
export function tablesOf(sink: ReplayableSink, topic: string): SinkTables {
  const found = sink.tables.find(([{ name }]) => topic === name || topic === retryTopicOf(name, sink.name));
  if (found) return found.slice(1) as unknown as SinkTables;
  const names = sink.tables.map(([{ name }]) => name).join(', ');
  throw new VigilError('REPLAY_UNSUPPORTED', { detail: `${sink.name} can be rewound on ${names}, not on ${topic}.` });
}
