import { ReadingColumns, type Score } from '@vigil/batch';
import { topics, type DeidReadingAccepted } from '@vigil/contracts';
import { createValueDecoder, offsetsSince, readStretch, schemaIdOf } from '@vigil/kafka';
import type { ExecutorDeps } from '../../executor-deps.ts';

/** Readings of an hour that are looked at: a share of 1 % is told to within 0.2 %, whatever comes in an hour. */
const mostReadings = 10_000;
/** Places of a partition that they are taken from, spread evenly over the hour. */
const places = 4;

const { name, schema } = topics.deidReadingAccepted;

/** Evenly spaced stretches of a partition between two offsets, `most` records together; all of it where there is no more. */
export function spread(from: number, end: number, most: number): readonly { readonly from: number; readonly end: number }[] {
  if (end - from <= most) return from < end ? [{ from, end }] : [];
  const length = Math.max(1, Math.floor(most / places));
  return Array.from({ length: places }, (_, at) => {
    const start = from + Math.floor((at * (end - from)) / places);
    return { from: start, end: start + length };
  });
}

export interface Sampling {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly signal: AbortSignal;
}

/**
 * Scores of the vitals of a stretch of time, from a sample of bounded size. Read where identity has left already: a score
 * needs none, and patients who opted out are not looked at.
 *
 * @throws VigilError of broker and registry
 */
export async function scoreReadingColumns(
  { client, registry }: Pick<ExecutorDeps, 'client' | 'registry'>,
  { fromMs, untilMs, signal }: Sampling,
): Promise<readonly Score[]> {
  const [froms, untils] = await Promise.all([offsetsSince(client, name, fromMs), offsetsSince(client, name, untilMs)]);
  const ends = await client.admin.stableOffsets(name);
  const columns = new ReadingColumns();
  const decode = createValueDecoder(schema, registry);
  const most = Math.floor(mostReadings / Math.max(1, ends.length));
  for (const [partition, stable] of ends.entries()) {
    // An offset of a time is a near one: what is of another hour is left out by its own time.
    const end = Math.min(stable, (untils[partition] ?? 0) + most);
    for (const stretch of spread(froms[partition] ?? 0, end, most)) {
      signal.throwIfAborted();
      const taken: Buffer[] = [];
      await readStretch(client, { topic: name, partition, ...stretch }, ({ value, timestamp }) => {
        if (value && timestamp >= fromMs && timestamp < untilMs) taken.push(Buffer.from(value));
      });
      for (const id of new Set(taken.map(schemaIdOf))) if (id !== null) await registry.schemaOf(id);
      for (const bytes of taken) columns.add(decode(bytes) as DeidReadingAccepted);
    }
  }
  return columns.scores();
}
