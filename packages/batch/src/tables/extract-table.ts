import type { SourcedRow, TableShare, TableSource } from '@vigil/sources';
import type { JobPartition, JobResult, MapItem, PositionedItem, SkipLimit } from '../job/batch-job.ts';
import type { OutputBook } from '../job/output-book.ts';
import { runTopicJob } from '../job/run-topic-job.ts';
import type { TopicJobPorts } from '../job/topic-job.ts';
import type { CommittedChunk } from '../job/topic-committer.ts';
import type { TableMapper } from './create-table-mapper.ts';

export interface ExtractTableOptions extends Pick<TableMapper, 'writes'> {
  /** Asked for each pass over the rows: what a mapper remembers is of what it mapped, and some of that may never be committed. */
  readonly createMap: () => MapItem<SourcedRow>;
  readonly source: TableSource;
  /** Name of the source in workflows/sources.yaml. */
  readonly sourceName: string;
  /** The part of the table that `source` reads. */
  readonly share: TableShare;
  readonly holder: Pick<JobPartition<unknown>, 'epoch' | 'runId' | 'batchId' | 'task'>;
  readonly outputs: Pick<OutputBook, 'note'>;
  readonly skipLimit: SkipLimit | null;
  readonly traceparent: string | null;
  readonly signal: AbortSignal;
  readonly onCommitted: (chunk: CommittedChunk) => void;
}

async function* positioned(rows: AsyncIterable<SourcedRow>): AsyncGenerator<PositionedItem<SourcedRow>> {
  for await (const item of rows) {
    const { position, place, memo } = item;
    yield { item, position, place, line: 0, ...(memo !== undefined && { memo }) };
  }
}

/** A reading that is left while it waits is told so: it must not wake up beside the one that follows, and touch its slot. */
function itemsOf(source: TableSource, position: string | null, signal: AbortSignal): AsyncIterable<PositionedItem<SourcedRow>> {
  const left = new AbortController();
  const items = positioned(source.read(position, AbortSignal.any([signal, left.signal])));
  const leave = (): ReturnType<typeof items.return> => {
    left.abort();
    return items.return(undefined);
  };
  return { [Symbol.asyncIterator]: () => ({ next: () => items.next(), return: leave }) };
}

/** Positions of one number of parts mean nothing to another: a table that is cut anew is compared anew. */
const jobOf = (table: string, { of }: TableShare): string => `table:${table}${of === 1 ? '' : `#${of}`}`;

/**
 * Extracts a table, or a part of it, into topics: what is new or changed since the last run, each row once. The source is told what is
 * safe after each commit.
 *
 * @throws VigilError as `runTopicJob` and the source do
 */
export async function extractTable(options: ExtractTableOptions, ports: TopicJobPorts): Promise<JobResult> {
  const { source, sourceName, share, holder, outputs, createMap, writes, skipLimit, traceparent, signal, onCommitted } = options;
  const job = jobOf(source.name, share);
  let isFirst = true;
  let map: MapItem<SourcedRow>;
  const read = (position: string | null) => {
    map = createMap();
    return itemsOf(source, position, signal);
  };
  return runTopicJob(
    {
      partition: { ...holder, job, partition: share.part, read },
      map: (row) => (row.item.isMark ? { kind: 'mark' } : map(row)),
      writes,
      source: { name: sourceName, fileId: '' },
      ends: 'for-the-run',
      skipLimit,
      traceparent,
      signal,
      async onCommitted(chunk) {
        await source.acknowledge(chunk.position, chunk.memos);
        // Of an earlier attempt, or of all: what is between stands in the checkpoint, which the next attempt tells.
        if (chunk.done || isFirst) await outputs.note(job, share.part, chunk.outputs);
        isFirst = false;
        // What an earlier run has read is not this one's.
        if (chunk.outputs.batchId === holder.batchId) onCommitted(chunk);
      },
    },
    ports,
  );
}
