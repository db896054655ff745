import type { PartitionHealth } from './stage.ts';
import type { TaskParts } from './task-parts.ts';

/** Where the task stands in each of its source partitions. */
export function healthOfTask(task: TaskParts, nowMs: number): readonly PartitionHealth[] {
  return task.inbox.lanes().map(({ source, end, waitingSince }) => {
    const position = task.work.positions.get(source.name) ?? 0;
    const lagRecords = Math.max(0, end - position);
    const since = waitingSince ?? task.lastHandledTimestamp;
    return {
      topic: source.name,
      partition: task.partition,
      position,
      committed: task.committed.get(source.name) ?? 0,
      end,
      lagRecords,
      lagSeconds: lagRecords === 0 || since === 0 ? 0 : Math.max(0, (nowMs - since) / 1_000),
    };
  });
}

/** Read, handled and committed to the last stable offset everywhere. */
export const isTaskDrained = (task: TaskParts): boolean =>
  task.started &&
  task.work.pending === null &&
  task.inbox
    .lanes()
    .every(({ source, end }) => (task.committed.get(source.name) ?? 0) >= end && end === (task.work.positions.get(source.name) ?? 0));
