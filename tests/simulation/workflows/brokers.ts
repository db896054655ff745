import type { RunWorld } from './run-world.ts';
import type { Activity } from './sim-scheduler.ts';

const sessionMs = 6000;

/** What the brokers do: who was not heard of for a session loses its partitions to those who were. */
export function* coordinate(world: RunWorld): Activity {
  for (;;) {
    yield 500;
    const alive = [...world.lastHeard].filter(([, atMs]) => world.scheduler.now() - atMs < sessionMs).map(([id]) => id);
    for (const partition of [0, 1]) {
      const owner = world.requests.owners[partition] ?? null;
      if (owner !== null && alive.includes(owner)) continue;
      world.requests.generations[partition] = (world.requests.generations[partition] as number) + 1;
      world.requests.owners[partition] = alive[partition % Math.max(alive.length, 1)] ?? null;
      world.scheduler.tell(`partition ${partition} goes to ${world.requests.owners[partition] ?? 'nobody'}`);
    }
  }
}
