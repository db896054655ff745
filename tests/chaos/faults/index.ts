import type { SeededRandom } from '@vigil/testing';
import type { Fault } from './fault.ts';
import { clockJumps } from './clock-jumps.ts';
import { freezeService } from './freeze-service.ts';
import { fullDisks } from './full-disks.ts';
import { killOneBroker, killTwoBrokers } from './kill-brokers.ts';
import { killServices } from './kill-services.ts';
import { databaseRestart, freezeBroker, redisAway, registryAway } from './outages.ts';
import { pickSome, together } from './mix.ts';
import { partitions, slowLink } from './partitions.ts';
import { poison } from './poison.ts';

export type { Fault, FaultContext } from './fault.ts';

/** What can be done to a fleet, in the order of the fault plan. */
export const faults: readonly Fault[] = [
  killServices,
  killOneBroker,
  killTwoBrokers,
  freezeService,
  freezeBroker,
  partitions,
  slowLink,
  fullDisks,
  registryAway,
  databaseRestart,
  redisAway,
  clockJumps,
  poison,
];

/** @throws RangeError that names what there is */
export function faultOf(id: string): Fault {
  const found = faults.find((fault) => fault.id === id);
  if (!found) throw new RangeError(`There is no fault ${id} here; there are ${faults.map((fault) => fault.id).join(', ')}.`);
  return found;
}

/**
 * Two or three of those that can strike at once. Not among them: F4, whose proof is that another instance moves on, which
 * it cannot while the broker or the database is away.
 */
export const mixOf = (random: SeededRandom): Fault =>
  together(pickSome([killServices, freezeBroker, registryAway, databaseRestart, redisAway, poison], random));
