import { retryTopicOf, topics, type Topic } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import type { DatabaseName } from '../migration-files.ts';
import { deleteBySource, type RewindOptions } from '../rewind-sink.ts';
import { trimLoads } from './trim-loads.ts';

/** A sink that is replayed by rewinding it in its database. */
export interface ReplayableSink {
  readonly name: string;
  readonly database: DatabaseName;
  /** The table of each topic that can be rewound; the way back of a topic leads to the same one. */
  readonly tables: readonly (readonly [topic: Topic, table: string])[];
  readonly deleteRows: (table: string) => RewindOptions['deleteRows'];
}

/** The fact table of each de-identified topic. */
export const factTables = [
  [topics.deidReadingAccepted, 'warehouse.fact_vital_reading'],
  [topics.deidWindowClosed, 'warehouse.fact_vital_window'],
  [topics.deidAlertRaised, 'warehouse.fact_alert'],
] as const satisfies ReplayableSink['tables'];

/** Sinks whose rows carry the place they came from, so that exactly those of a range can be taken back. */
export const replayableSinks: readonly ReplayableSink[] = [
  {
    name: 'warehouse-loader.warehouse',
    database: 'vigil_warehouse',
    tables: factTables,
    deleteRows: (table) => async (transaction, from) => {
      const deleted = await deleteBySource([table])(transaction, from);
      await trimLoads(transaction, from, table);
      return deleted;
    },
  },
  {
    name: 'warehouse-loader.operational',
    database: 'vigil',
    tables: [[topics.vitalsReadingAccepted, 'clinical.vital_reading']],
    deleteRows: (table) => deleteBySource([table]),
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
export function tableOf(sink: ReplayableSink, topic: string): string {
  const found = sink.tables.find(([{ name }]) => topic === name || topic === retryTopicOf(name, sink.name));
  if (found) return found[1];
  const names = sink.tables.map(([{ name }]) => name).join(', ');
  throw new VigilError('REPLAY_UNSUPPORTED', { detail: `${sink.name} can be rewound on ${names}, not on ${topic}.` });
}
