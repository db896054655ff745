import type { Clock } from '@vigil/core';
import { ageLags, measurePositions, type KafkaClient, type SinkPosition, type UnagedLag } from '@vigil/kafka';
import type { MeasuredPartition } from '../../domain/watch/observe-groups.ts';

export interface MeasureOptions {
  readonly client: KafkaClient;
  readonly sinkPositions: () => Promise<readonly SinkPosition[]>;
  readonly clock: Clock;
}

/** The same measurement as `vigil lag`, with the marks of the commits. */
export const measureGroups =
  ({ client, sinkPositions, clock }: MeasureOptions) =>
  async (): Promise<readonly MeasuredPartition[]> => {
    const positions = await measurePositions({ client, sinkPositions });
    const aged = await ageLags(client, positions, clock);
    return aged.map(({ group, topic, partition, position, lagRecords, lagSeconds }, index) => {
      const { mark, isKnown } = positions[index] as UnagedLag;
      return { group, topic, partition, position, mark, isKnown, lagRecords, lagSeconds };
    });
  };
