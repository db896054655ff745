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

/** Counted for a whole run, as nothing looks at the counts before its end. */
class Run {
  count = 0;
  firstOffset = 0;
  lastOffset = 0;
  oldestTimestamp = Number.POSITIVE_INFINITY;

  note(offset: number, timestamp: number): void {
    if (this.count++ === 0) this.firstOffset = offset;
    this.lastOffset = offset;
    if (timestamp < this.oldestTimestamp) this.oldestTimestamp = timestamp;
  }
}

const quiet = processed();
const unemitted = { key: null };

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
  let run = new Run();
  let index = stretch.next;
  for (; index < end; index++) {
    locateRecord(records, index, place);
    if (!isQuiet(source, quick, context)) break;
    if (place.hasHeaders) {
      if (run.count > 0) batch.addQuiet(source, run);
      run = new Run();
      batch.add(source, records.at(index) as FetchedRecord, quiet, unemitted);
    } else {
      run.note(place.offset, place.timestamp);
    }
    scope.watch.accepted();
  }
  if (run.count > 0) batch.addQuiet(source, run);
  return index;
}
