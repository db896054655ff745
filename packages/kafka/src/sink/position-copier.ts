import type { GroupMember, PositionToCommit, TopicPartition } from '../ports/kafka-client.ts';
import type { SinkBatch } from './sink-target.ts';

/**
 * Copies positions to Kafka's group, for lag tools only: nothing is ever read from there, so a copy that fails is
 * simply made again with the next one.
 */
export interface PositionCopier {
  remember(batch: SinkBatch): void;
  /** Forgets what it would have copied: others hold the partitions now. */
  forget(): void;
  copy(member: GroupMember): Promise<void>;
}

const placeOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`;

export function createPositionCopier(): PositionCopier {
  const waiting = new Map<string, PositionToCommit>();
  return {
    remember({ slices }) {
      for (const { topic, partition, nextOffset } of slices) {
        waiting.set(placeOf({ topic, partition }), { topic, partition, offset: nextOffset, metadata: '' });
      }
    },
    forget: () => waiting.clear(),
    async copy(member) {
      if (waiting.size === 0) return;
      const positions = [...waiting.values()];
      waiting.clear();
      await member.commitPositions(positions).catch(() => undefined);
    },
  };
}
