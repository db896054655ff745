import type { BatchProgressed } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import type { TopicPartition } from '../ports/kafka-client.ts';
import { ledgerRowsOf } from '../sink/ledger-rows.ts';
import type { SinkBatch, SinkRecord, SinkTarget, SliceEffects } from '../sink/sink-target.ts';

interface StoredPosition {
  topicId: string | null;
  epoch: number;
  nextOffset: number;
}

/** A row of the memory target: a record with the place it was read from. */
export interface MemoryRow extends TopicPartition {
  readonly record: SinkRecord;
}

export interface MemorySinkTargetOptions {
  /** Called before (`acquire`, `write`) and after (`written`) the change; what it throws the operation throws. */
  readonly hook?: (operation: 'acquire' | 'write' | 'written', batch?: SinkBatch) => Promise<void> | void;
}

/** A sink target in memory, with the same fencing as PostgreSQL's: for tests and simulation. */
export interface MemorySinkTarget extends SinkTarget {
  readonly rows: readonly MemoryRow[];
  /** Batches in the order they were committed. */
  readonly batches: readonly SinkBatch[];
  positionOf(place: TopicPartition): number | undefined;
  /** Deletes what came from `offset` on and moves the position, as a rewind does. */
  rewind(place: TopicPartition, offset: number): void;
}

const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`;

export function createMemorySinkTarget({ hook = () => undefined }: MemorySinkTargetOptions = {}): MemorySinkTarget {
  const positions = new Map<string, StoredPosition>();
  const batches: SinkBatch[] = [];
  let rows: MemoryRow[] = [];
  let ledger: BatchProgressed[] = [];
  return {
    get rows() {
      return rows;
    },
    batches,
    positionOf: (place) => positions.get(nameOf(place))?.nextOffset,
    rewind(place, offset) {
      const stored = positions.get(nameOf(place)) as StoredPosition;
      positions.set(nameOf(place), { ...stored, epoch: stored.epoch + 1, nextOffset: offset });
      rows = rows.filter((row) => nameOf(row) !== nameOf(place) || row.record.offset < offset);
    },
    async acquire(requests) {
      await hook('acquire');
      for (const request of requests) {
        const stored = positions.get(nameOf(request));
        if (stored && stored.topicId !== request.topicId) throw new VigilError('TOPIC_RECREATED', { detail: nameOf(request) });
      }
      return requests.map(({ topic, partition, topicId, startOffset }) => {
        const { epoch, nextOffset } = positions.get(nameOf({ topic, partition })) ?? { epoch: 0, nextOffset: startOffset };
        positions.set(nameOf({ topic, partition }), { topicId, epoch: epoch + 1, nextOffset });
        return { topic, partition, epoch: epoch + 1, nextOffset };
      });
    },
    async write(batch) {
      await hook('write', batch);
      for (const slice of batch.slices) {
        const stored = positions.get(nameOf(slice));
        if (stored?.epoch !== slice.epoch || stored.nextOffset !== slice.startOffset) {
          throw new VigilError('FENCED', { detail: nameOf(slice) });
        }
      }
      const effects = batch.slices.map((slice): SliceEffects => ({ outputs: { rows: slice.records.length } }));
      for (const slice of batch.slices) {
        (positions.get(nameOf(slice)) as StoredPosition).nextOffset = slice.nextOffset;
        for (const record of slice.records) rows.push({ topic: slice.topic, partition: slice.partition, record });
      }
      batches.push(batch);
      ledger.push(...ledgerRowsOf(batch, effects));
      await hook('written', batch);
      return effects;
    },
    holds: (held) =>
      Promise.resolve(
        held.every((lease) => {
          const stored = positions.get(nameOf(lease));
          return stored?.epoch === lease.epoch && stored.nextOffset === lease.nextOffset;
        }),
      ),
    async relayLedger(publish) {
      const waiting = [...ledger];
      if (waiting.length === 0) return 0;
      await publish(waiting);
      // Others may have published meanwhile, and batches may have been written.
      const published = new Set(waiting);
      ledger = ledger.filter((row) => !published.has(row));
      return waiting.length;
    },
  };
}
