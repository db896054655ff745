import { fleet, fleetStatus } from '@vigil/stack';
import { setTimeout as sleep } from 'node:timers/promises';
import { serviceOf } from '../clocks.ts';
import { until, type World } from '../world.ts';
import type { Fault } from './fault.ts';

const hourMs = 3_600_000;
const wrongMs = 10_000;

/** `warehouse-loader.lake` is one of warehouse-loader, a worker one of orchestrator. */
function serviceOfPart(part: string): string {
  const found = fleet.find(({ name }) => name === part);
  if (!found) throw new Error(`${part} is no part of the fleet.`);
  return serviceOf(found.main);
}

async function jump(world: World, offsetMs: number): Promise<string> {
  const { clocks } = world;
  if (!clocks) throw new Error('This fault needs a fleet that was started with clocks that can be set.');
  const services = fleetStatus(world.paths).filter(({ kind }) => kind === 'service');
  clocks.set(Object.fromEntries(services.map(({ name }) => [serviceOfPart(name), offsetMs])));
  await until('every service has the wrong time', () =>
    services.every(({ name }) => {
      const pid = fleetStatus(world.paths).find((part) => part.name === name)?.pid;
      return typeof pid === 'number' && clocks.told(serviceOfPart(name), pid) === offsetMs;
    }),
  );
  return `${services.length} services ${offsetMs / hourMs} h from the time`;
}

/** F13: somebody sets the clock, twice wrong and then right again; each way it is once a jump back. */
export const clockJumps: Fault = {
  id: 'F13',
  title: 'wall clocks of all services jump an hour ahead, two back, and right again',
  inject: async ({ world }) => {
    const evidence: string[] = [];
    try {
      for (const offsetMs of [hourMs, -hourMs]) {
        evidence.push(await jump(world, offsetMs));
        await sleep(wrongMs);
      }
      await jump(world, 0);
    } finally {
      // Also where it failed: the next fault is another's.
      world.clocks?.set({});
    }
    return evidence;
  },
};
