import { watchQuarantine } from '../engine/quarantine-limits.ts';
import type { SinkContext } from './sink-context.ts';
import { sinkDeadLetterOf } from './sink-dead-letter.ts';
import { progressOf } from './sink-progress.ts';
import type { SinkQueue } from './sink-queue.ts';
import type { RefusedRecord, SinkBatch, SinkSlice } from './sink-target.ts';
import { writeBisecting } from './split-batch.ts';

/** How one task makes batches of its queues and has them written. */
export interface SinkBatches {
  /** Takes what one batch may hold; poison goes to quarantine. */
  read(queues: readonly SinkQueue[]): Promise<SinkBatch>;
  /** @param onWritten  called for each part that the target committed */
  write(batch: SinkBatch, onWritten: (part: SinkBatch) => void): Promise<void>;
}

export function createSinkBatches(partition: number, context: SinkContext): SinkBatches {
  const { spec, settings, limits, reader, clock, target } = context;
  const watch = watchQuarantine(settings.quarantine);
  let first = 0;

  /** The batch is written only after quarantine acknowledged what is missing in it. */
  const refuse = async (slice: SinkSlice, refused: readonly RefusedRecord[], stage: 'decode' | 'write'): Promise<void> => {
    if (refused.length === 0) return;
    await context.sendToQuarantine(refused.map((letter) => sinkDeadLetterOf(slice, letter, { spec, settings, stage })));
    const { topic } = slice;
    for (const { record, code } of refused) {
      context.report({ type: 'quarantined', topic, partition, offset: record.offset, code, attempt: 1 });
    }
  };

  const writePart = async (batch: SinkBatch, onWritten: (part: SinkBatch) => void): Promise<void> => {
    const startedMs = clock.now();
    const effects = await target.write(batch);
    onWritten(batch);
    const commitMs = clock.now() - startedMs;
    context.report({ type: 'committed', partition, ...progressOf(batch, effects), changelogRecords: 0, commitMs });
  };

  return {
    async read(queues) {
      const slices: SinkSlice[] = [];
      let records = limits.maxRecords;
      // Begins with another topic each time, so that none is starved.
      first = (first + 1) % queues.length;
      for (const queue of [...queues.slice(first), ...queues.slice(0, first)]) {
        if (records <= 0 || !queue.waiting) continue;
        const taken = queue.take(records, limits.maxBytes);
        records -= taken.records.length;
        await reader.resolveSchemas(queue, taken.records);
        const { slice, refused } = reader.read(queue, taken, watch);
        slices.push(slice);
        await refuse(slice, refused, 'decode');
      }
      return { sink: spec.name, partition, slices, nowMs: clock.present() };
    },
    write: (batch, onWritten) =>
      writeBisecting(batch, {
        write: (part) => writePart(part, onWritten),
        refuse: (slice, record, code) => refuse(slice, [{ record, code }], 'write'),
      }),
  };
}
