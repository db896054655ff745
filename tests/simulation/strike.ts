import { requeueLetters, type SimWorld } from './sim-world.ts';
import type { Trouble } from './scenario.ts';

const longestTransactionMs = 2_000;

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

/** Garbage, so that whoever reads it refuses it, which shows. */
async function writeAborted({ broker, clock, scenario }: SimWorld, partition: number, part: number): Promise<void> {
  const producer = await broker.connect().openTransactionalProducer({
    transactionalId: `somebody ${clock.now()} ${partition} ${part}`,
    transactionTimeoutMs: 60_000,
  });
  const topic = scenario.play.sources[0]?.name as string;
  await producer.fence();
  await producer.begin();
  await producer.send([{ topic, partition, key: null, value: Buffer.from('aborted'), headers: [], timestamp: null }]);
  clock.after(part * longestTransactionMs, () => void producer.abort().catch(() => undefined));
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
    case 'aborted':
      return void writeAborted(world, trouble.partition, trouble.part).catch(() => undefined);
    case 'retention':
      return void deleteUnread(world, trouble.partition);
    case 'database-away':
    case 'rewind':
      return open.strike(trouble);
  }
}
