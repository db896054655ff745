import { requeueLetters, type SimWorld } from './sim-world.ts';
import type { Trouble } from './scenario.ts';

/** A group that never committed begins where the log begins: only for one that did can something be missing. */
async function deleteUnread({ broker, scenario }: SimWorld, partition: number): Promise<void> {
  const { admin } = broker.connect();
  const { group, sources } = scenario.play;
  for (const { name } of sources) {
    // While coordinators load, nobody can say: then nothing is deleted.
    const committed = await admin.committed(group, [name]).catch(() => []);
    const began = committed.find((position) => position.partition === partition);
    const log = broker.log({ topic: name, partition });
    if (began && began.offset !== null) log.deleteBefore(log.highWatermark);
  }
}

function compactChangelogs({ broker, scenario }: SimWorld): void {
  for (const topic of scenario.play.changelogs)
    for (let partition = 0; partition < scenario.partitions; partition++) broker.log({ topic, partition }).compact();
}

/** Lets a trouble happen, and end where it ends by itself. */
export function strike(world: SimWorld, trouble: Trouble, read: Map<string, number>): void {
  const { broker, clock, fleet, network, open, registry, trace } = world;
  trace('world', JSON.stringify(trouble));
  const forAWhile = (set: (on: boolean) => void, forMs: number): void => {
    set(true);
    clock.after(forMs, () => set(false));
  };
  switch (trouble.kind) {
    case 'crash':
      return fleet.crash(trouble.process, trouble.forMs);
    case 'pause': {
      const life = fleet.lifeOf(trouble.process);
      return forAWhile((on) => (on ? life.pause() : life.wake()), trouble.forMs);
    }
    case 'partition': {
      const life = fleet.lifeOf(trouble.process);
      return forAWhile((on) => (on ? life.cutOff() : life.reconnect()), trouble.forMs);
    }
    case 'redeploy':
      return fleet.redeploy(trouble.process, trouble.forMs);
    case 'broker-away':
      return forAWhile(network.setAway, trouble.forMs);
    case 'registry-away':
      return forAWhile((on) => registry.setAway(on), trouble.forMs);
    case 'coordinator-moves':
      return broker.moveCoordinators(trouble.forMs);
    case 'expel':
      return fleet.expel(trouble.process);
    case 'requeue':
      return void requeueLetters(world, read);
    case 'compact':
      return compactChangelogs(world);
    case 'retention':
      return void deleteUnread(world, trouble.partition);
    case 'database-away':
    case 'rewind':
      return open.strike(trouble);
  }
}
