import { fleetStatus } from '@vigil/stack';
import type { Fault } from './fault.ts';
import { killService } from './signals.ts';

/** F1: SIGKILL to every service in turn, in each round. */
export const killServices: Fault = {
  id: 'F1',
  title: 'SIGKILL to every service in turn',
  inject: async ({ world, rounds }) => {
    const evidence: string[] = [];
    for (let round = 0; round < rounds; round++) {
      for (const { name, kind } of fleetStatus(world.paths)) if (kind === 'service') evidence.push(await killService(world, name));
    }
    if (evidence.length === 0) throw new Error('No service runs: the fault did not happen.');
    return evidence;
  },
};
