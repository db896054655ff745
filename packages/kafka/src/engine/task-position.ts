import { VigilError } from '@vigil/core';
import type { AdminClient, CommittedPosition } from '../ports/kafka-client.ts';
import { decodeMetadata, noMetadata, type CommitMetadata } from './commit-metadata.ts';
import type { TopologyPlan } from './topology-plan.ts';

/** Where a task stands, as the broker knows it after the fence. */
export interface TaskPosition {
  /** Next offset to handle, by source topic. */
  readonly positions: ReadonlyMap<string, number>;
  /** Last stable offsets at this moment. */
  readonly ends: ReadonlyMap<string, number>;
  readonly metadata: CommitMetadata;
  /** Nothing was ever committed by this task. */
  readonly isFirst: boolean;
}

interface Bounds {
  readonly start: number;
  readonly end: number;
}

async function boundsOf(admin: AdminClient, topic: string, partition: number): Promise<Bounds> {
  const [starts, ends] = await Promise.all([admin.startOffsets(topic), admin.stableOffsets(topic)]);
  return { start: starts[partition] as number, end: ends[partition] as number };
}

function checkedOffset({ topic, partition, offset }: CommittedPosition, { start, end }: Bounds): number {
  if (offset === null) return start;
  if (offset < start || offset > end) {
    throw new VigilError('OFFSET_OUT_OF_RANGE', {
      detail: `${topic}-${partition}: committed ${offset}, the broker holds ${start} to ${end}.`,
    });
  }
  return offset;
}

function checkTopic(topic: string, committedId: string | null, topicId: string | null): void {
  if (committedId !== null && topicId !== null && committedId !== topicId) throw new VigilError('TOPIC_RECREATED', { detail: topic });
}

/**
 * Reads and checks the committed positions of a task. Only to be called after its fence.
 *
 * @throws VigilError OFFSET_OUT_OF_RANGE, TOPIC_RECREATED: never reset silently
 */
export async function readTaskPosition(plan: TopologyPlan, partition: number, admin: AdminClient): Promise<TaskPosition> {
  const topics = plan.sources.map(({ name }) => name);
  const committed = (await admin.committed(plan.group, topics)).filter((position) => position.partition === partition);
  const positions = new Map<string, number>();
  const ends = new Map<string, number>();
  let metadata: CommitMetadata = noMetadata;
  const bounds = await Promise.all(plan.sources.map(({ name }) => boundsOf(admin, name, partition)));
  for (const [index, { name, topicId }] of plan.sources.entries()) {
    const found = committed.find(({ topic }) => topic === name) as CommittedPosition;
    const { start, end } = bounds[index] as Bounds;
    const decoded = decodeMetadata(found.metadata);
    checkTopic(name, decoded.topicId, topicId);
    positions.set(name, checkedOffset(found, { start, end }));
    ends.set(name, end);
    if (decoded.commit >= metadata.commit)
      metadata = { commit: decoded.commit, fault: decoded.fault, rejectedInARow: decoded.rejectedInARow };
  }
  return { positions, ends, metadata, isFirst: committed.every(({ offset }) => offset === null) };
}
