import { systemEngineClock } from '../engine/engine-clock.ts';
import { createMemoryBroker } from '../memory/memory-broker.ts';
import type { ContractWorld } from './contract-world.ts';
import { kafkaContract } from './kafka-contract.ts';

const openWorld = (markerDelayMs?: () => number) => async (): Promise<ContractWorld> => {
  const broker = createMemoryBroker({ clock: systemEngineClock, ...(markerDelayMs && { markerDelayMs }) });
  let names = 0;
  return {
    connect: () => broker.connect(),
    unique: (name) => `${name}-${++names}`,
    async createTopic(partitions = 1, config = {}) {
      const name = `topic-${++names}`;
      broker.createTopic(name, partitions, config);
      return name;
    },
    close: async () => undefined,
  };
};

let delays = 0;

kafkaContract('a broker in memory', openWorld());
kafkaContract(
  'a broker in memory that writes its markers late',
  openWorld(() => (delays++ % 4) * 3),
);
