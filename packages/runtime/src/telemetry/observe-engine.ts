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

type Quarantined = Extract<EngineEvent, { type: 'quarantined' }>;

/** Every quarantined record is counted; of those of one commit the first is logged, then how many more there were. */
function quarantineTeller(emit: Emitters) {
  const untold = new Map<string, number>();
  const placeOf = ({ stage, partition }: { readonly stage: string; readonly partition: number }): string => `${stage}/${partition}`;
  return {
    quarantined(told: Quarantined): void {
      const place = placeOf(told);
      const more = untold.get(place);
      untold.set(place, more === undefined ? 0 : more + 1);
      emit.recordQuarantined({ stage: told.stage, code: told.code });
      if (more === undefined) emit.quarantined(told);
    },
    committed({ stage, partition }: Committed): void {
      const place = placeOf({ stage, partition });
      const records = untold.get(place);
      if (records === undefined) return;
      untold.delete(place);
      if (records > 0) emit.moreQuarantined({ stage, partition, records });
    },
    /** What was open is thrown away and will be told again. */
    forget: (task: { readonly stage: string; readonly partition: number }): void => void untold.delete(placeOf(task)),
  };
}

/** Makes logs, metrics and spans of what a stage tells about itself. */
export function observeEngine(sinks: EventSinks, tracer: BatchTracer): EngineObserver {
  const emit = bindEvents(engineEvents, sinks);
  const quarantine = quarantineTeller(emit);
  return {
    on: (told) => {
      switch (told.type) {
        case 'committed':
          quarantine.committed(told);
          return tellCommit(emit, tracer, told);
        case 'quarantined':
          return quarantine.quarantined(told);
        case 'processor-failed':
          quarantine.forget(told);
          return emit.processorFailed(told);
        case 'task-restored':
          return emit.taskRestored(told);
        case 'task-kept':
          return emit.taskKept(told);
        case 'task-closed':
          quarantine.forget(told);
          return emit.taskClosed(told);
        case 'fenced':
          quarantine.forget(told);
          return emit.fenced(told);
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
