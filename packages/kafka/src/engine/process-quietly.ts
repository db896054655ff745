import { processed } from '@vigil/core';
import { locateRecord } from '../codec/record-place.ts';
import type { FetchedRecord, FetchedRecords } from '../ports/kafka-client.ts';
import type { TaskContext } from '../topology/topology.ts';
import type { OpenBatch } from './open-batch.ts';
import { ProcessorFailure, type ProcessingScope } from './process-record.ts';
import type { PlannedQuickWay, PlannedSource } from './topology-plan.ts';

/** Records of one batch from `next` to before `end`. */
export interface QuietStretch {
  readonly source: PlannedSource;
  readonly quick: PlannedQuickWay;
  readonly records: FetchedRecords;
  readonly next: number;
  readonly end: number;
}

/** Counted for a whole run, as nothing looks at the counts before its end. In one piece of memory: fields of objects would be numbers of their own, record by record. */
const run = new Float64Array(4);
const COUNT = 0;
const FIRST_OFFSET = 1;
const LAST_OFFSET = 2;
const OLDEST_TIMESTAMP = 3;

function noteInRun({ offset, timestamp }: { readonly offset: number; readonly timestamp: number }): void {
  if (run[COUNT] === 0) run[FIRST_OFFSET] = offset;
  run[COUNT] = (run[COUNT] as number) + 1;
  run[LAST_OFFSET] = offset;
  if (timestamp < (run[OLDEST_TIMESTAMP] as number)) run[OLDEST_TIMESTAMP] = timestamp;
}

function beginRun(): void {
  run[COUNT] = 0;
  run[OLDEST_TIMESTAMP] = Number.POSITIVE_INFINITY;
}

function endRun(batch: OpenBatch, source: PlannedSource): void {
  const [count, firstOffset, lastOffset, oldestTimestamp] = run as unknown as readonly [number, number, number, number];
  if (count > 0) batch.addQuiet(source, { count, firstOffset, lastOffset, oldestTimestamp });
  beginRun();
}

const quiet = processed();

/** @throws ProcessorFailure */
function isQuiet(source: PlannedSource, { decode, handle }: PlannedQuickWay, context: TaskContext<unknown>): boolean {
  try {
    return decode.read() && handle(decode.place, context);
  } catch (cause) {
    throw new ProcessorFailure(source, decode.place.offset, cause);
  }
}

/**
 * Records through the short way as far as it goes, into the open batch. Their keys, headers and origins are looked at only
 * where they have headers, as those decide under which batch id they are counted.
 *
 * @returns index of the first record that must go to the handler
 * @throws ProcessorFailure when our own code fails, VigilError QUARANTINE_LIMIT
 */
export function processQuietly(scope: ProcessingScope, batch: OpenBatch, stretch: QuietStretch, context: TaskContext<unknown>): number {
  const { source, quick, records, end } = stretch;
  const { place } = quick.decode;
  beginRun();
  let index = stretch.next;
  for (; index < end; index++) {
    locateRecord(records, index, place);
    if (!isQuiet(source, quick, context)) break;
    if (place.hasHeaders) {
      endRun(batch, source);
      batch.add(source, records.at(index) as FetchedRecord, quiet);
    } else {
      noteInRun(place);
    }
    scope.watch.accepted();
  }
  endRun(batch, source);
  return index;
}
