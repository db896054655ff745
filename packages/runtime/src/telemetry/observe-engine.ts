import type { EngineEvent, EngineObserver } from '@vigil/kafka';
import { dispositions } from '@vigil/core';
import { bindEvents, type EventSinks } from './bind-events.ts';
import { engineEvents } from './engine-events.ts';
import type { BatchTracer } from './batch-tracer.ts';

type Emitters = ReturnType<typeof bindEvents<(typeof engineEvents)['declared']>>;
type Committed = Extract<EngineEvent, { type: 'committed' }>;

function tellCommit(emit: Emitters, tracer: BatchTracer, committed: Committed): void {
  const { stage, partition, consumed, changelogRecords, commitMs, oldestAgeMs, counts, outputs } = committed;
  emit.committed({ stage, partition, consumed, changelogRecords, commitMs, oldestAgeMs: Math.max(oldestAgeMs, 0) });
  for (const disposition of dispositions) {
    if (counts[disposition] > 0) emit.recordsHandled({ stage, disposition, records: counts[disposition] });
  }
  for (const [topic, records] of Object.entries(outputs)) emit.recordsWritten({ stage, topic, records });
  tracer.batchProcessed(committed);
}

/** Makes logs, metrics and spans of what a stage tells about itself. */
export function observeEngine(sinks: EventSinks, tracer: BatchTracer): EngineObserver {
  const emit = bindEvents(engineEvents, sinks);
  return {
    on: (told) => {
      switch (told.type) {
        case 'committed':
          return tellCommit(emit, tracer, told);
        case 'quarantined':
          return emit.quarantined(told);
        case 'processor-failed':
          return emit.processorFailed(told);
        case 'task-restored':
          return emit.taskRestored(told);
        case 'task-kept':
          return emit.taskKept(told);
        case 'task-closed':
          return emit.taskClosed(told);
        case 'retrying':
          // −1 stands for the whole stage.
          return emit.retrying({ ...told, partition: told.partition ?? -1 });
        case 'assigned':
          return emit.assigned({ stage: told.stage, partitions: told.partitions.length });
        case 'membership-lost':
          return emit.membershipLost(told);
        case 'backpressure':
          return emit.backpressure(told);
        case 'failed':
          return emit.failed(told);
      }
    },
  };
}
