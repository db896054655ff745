import type { Topic } from '@vigil/contracts';
import { drive, type TopologyDriver } from '@vigil/testing';
import type { DatasetMode } from '../src/domain/dataset.ts';
import type { Datasets } from '../src/handlers/handle-record.ts';
import { createTopology } from '../src/topology.ts';
import { aDataset, rules } from './samples.ts';

export interface DrivenOptions {
  readonly mode?: DatasetMode;
  readonly datasets?: Partial<Datasets>;
}

export function driveDeidentifier({ mode = 'safe-harbor', datasets = {} }: DrivenOptions = {}): TopologyDriver {
  const all: Datasets = { current: aDataset('d1', mode), previous: null, dualUntilMs: 0, ...datasets };
  return drive(createTopology({ mode, datasets: all, rules }));
}

/** Key and value bytes of everything written to a topic, as they stand in the log. */
export const bytesOn = (driver: TopologyDriver, { name }: Topic): readonly Buffer[] => {
  const log = driver.broker.log({ topic: name, partition: 0 });
  return log
    .read(log.startOffset, Number.POSITIVE_INFINITY)
    .records.map(({ key, value }) => Buffer.concat([key ?? Buffer.alloc(0), value ?? Buffer.alloc(0)]));
};
