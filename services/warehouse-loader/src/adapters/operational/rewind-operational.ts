import { deleteBySource, operationalTables, rewindSink, type RewindOptions } from '@vigil/postgres';
import { operationalSpec } from './create-operational-sink.ts';

/**
 * Takes the operational tables back to an offset of one topic partition. Latest vitals and identities stay: loading again
 * gives them the same values. Needs the owner's connection.
 *
 * @returns the number of deleted rows
 */
export const rewindOperational = (options: Omit<RewindOptions, 'sink' | 'deleteRows'>): Promise<number> =>
  rewindSink({
    ...options,
    sink: operationalSpec.name,
    deleteRows: deleteBySource(operationalTables.flatMap(([{ name }, ...tables]) => (options.topic.startsWith(name) ? tables : []))),
  });
