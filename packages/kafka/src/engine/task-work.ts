import type { FetchedRecord } from '../ports/kafka-client.ts';
import { unresolvedIdsIn } from '../codec/value-decoder.ts';
import type { TaskContext } from '../topology/topology.ts';
import type { RecordFault } from './commit-metadata.ts';
import { openBatch, type OpenBatch } from './open-batch.ts';
import { processRecord, quarantineRecord, type ProcessingScope } from './process-record.ts';
import { processQuietly } from './process-quietly.ts';
import type { SchemaResolver } from './schema-resolver.ts';
import type { QueuedBatch, TaskInbox } from './task-inbox.ts';
import type { TaskStores } from './task-stores.ts';

/** The open transaction's content and how far handling got: everything that an error throws away. */
export interface TaskWork {
  /** Next offset to handle, by source topic. */
  readonly positions: Map<string, number>;
  pending: OpenBatch | null;
  /** Of the tables by which what is pending was decided. */
  tablePositions: Readonly<Record<string, number>>;
  /** A commit is due whatever the time. */
  commitNow: boolean;
  /** The record to be careful with. */
  fault: RecordFault | null;
  /** Most records in the next transaction, while a batch is being bisected. */
  limit: number;
  /** The record handled last. */
  last: { readonly queued: QueuedBatch; readonly record: FetchedRecord } | null;
}

export const noWork = (): TaskWork => ({
  positions: new Map(),
  pending: null,
  tablePositions: {},
  commitNow: false,
  fault: null,
  limit: Number.POSITIVE_INFINITY,
  last: null,
});

export interface WorkScope extends ProcessingScope {
  readonly inbox: TaskInbox;
  readonly stores: Pick<TaskStores, 'changeCount' | 'changedBytes'>;
  readonly commitRecords: number;
  readonly commitOutputs: number;
  readonly commitBytes: number;
  readonly faultAttempts: number;
}

const isFault = (fault: RecordFault | null, { source }: QueuedBatch, { offset }: FetchedRecord): boolean =>
  fault !== null && fault.topic === source.name && fault.offset === offset;

/** Handles a record that failed before: alone in its transaction, and no more than the allowed number of times. */
function handleFaulty(scope: WorkScope, work: TaskWork, queued: QueuedBatch, record: FetchedRecord, context: TaskContext<unknown>): void {
  const batch = (work.pending ??= openBatch(scope.plan, scope.partition, context.nowMs));
  if ((work.fault?.attempts ?? 0) >= scope.faultAttempts) quarantineRecord(scope, batch, queued.source, record, 'PROCESSOR_FAULT');
  else processRecord(scope, batch, queued.source, record, context);
  work.fault = null;
  work.commitNow = true;
}

function handleNext(scope: WorkScope, work: TaskWork, queued: QueuedBatch, context: TaskContext<unknown>): void {
  const record = queued.batch.records.at(queued.next) as FetchedRecord;
  if (isFault(work.fault, queued, record)) {
    if (work.pending && work.pending.consumed > 0) {
      work.commitNow = true;
      return;
    }
    handleFaulty(scope, work, queued, record, context);
  } else {
    processRecord(scope, (work.pending ??= openBatch(scope.plan, scope.partition, context.nowMs)), queued.source, record, context);
  }
  queued.next++;
}

/** Records that one transaction will write as far as it got: outputs and rows of state. */
const writtenBy = ({ outputs }: OpenBatch, { stores }: WorkScope): number => outputs.length + stores.changeCount();

/** Most rows of state that a record of the short way changes; what is written is looked at between stretches only. */
const rowsPerQuietRecord = 4;

/** How many records may go the short way before it must be looked at what they changed. */
const quietStretch = (pending: OpenBatch, most: number, scope: WorkScope): number =>
  Math.min(most - pending.consumed, Math.max(1, Math.floor((scope.commitOutputs - writtenBy(pending, scope)) / rowsPerQuietRecord)));

/** Handles the next records as long as each can go the short way; false = none could. */
function handleQuietly(
  scope: WorkScope,
  work: TaskWork,
  queued: QueuedBatch,
  { context, most }: { readonly context: TaskContext<unknown>; readonly most: number },
): boolean {
  const { source, batch, next } = queued;
  if (source.quick === null || work.fault !== null) return false;
  const pending = (work.pending ??= openBatch(scope.plan, scope.partition, context.nowMs));
  const end = Math.min(batch.records.length, next + quietStretch(pending, most, scope));
  queued.next = processQuietly(scope, pending, { source, quick: source.quick, records: batch.records, next, end }, context);
  return queued.next > next;
}

/** Notes how far handling got: once for what was handled at a stretch, as nothing looks before. */
function noteProgress(work: TaskWork, queued: QueuedBatch, began: number): void {
  if (queued.next === began) return;
  const record = queued.batch.records.at(queued.next - 1) as FetchedRecord;
  work.last = { queued, record };
  work.positions.set(queued.source.name, record.offset + 1);
}

/** As much as one transaction may consume, or write. */
const isFull = (pending: OpenBatch | null, most: number, scope: WorkScope): boolean =>
  pending !== null &&
  (pending.consumed >= most ||
    writtenBy(pending, scope) >= scope.commitOutputs ||
    pending.outputBytes + scope.stores.changedBytes() >= scope.commitBytes);

/** Handles a waiting batch up to what one transaction may hold. @throws ProcessorFailure, VigilError QUARANTINE_LIMIT */
export function handleBatch(scope: WorkScope, work: TaskWork, queued: QueuedBatch, context: TaskContext<unknown>): void {
  const { records, nextOffset } = queued.batch;
  const most = Math.min(scope.commitRecords, work.limit);
  const began = queued.next;
  while (queued.next < records.length && !work.commitNow) {
    if (!handleQuietly(scope, work, queued, { context, most })) handleNext(scope, work, queued, context);
    if (isFull(work.pending, most, scope)) work.commitNow = true;
  }
  noteProgress(work, queued, began);
  if (queued.next < records.length) return;
  work.positions.set(queued.source.name, nextOffset);
  scope.inbox.shift(queued);
}

/** Makes the schemas of a waiting batch known, so that handling it need not wait. */
export async function resolveSchemas(queued: QueuedBatch, resolver: SchemaResolver): Promise<void> {
  await resolver.resolve(unresolvedIn(queued, resolver));
}

export const unresolvedIn = ({ batch }: QueuedBatch, resolver: SchemaResolver): readonly number[] =>
  unresolvedIdsIn(batch.records, resolver);
