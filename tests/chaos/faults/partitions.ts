import { setTimeout as sleep } from 'node:timers/promises';
import { query } from '../../fleet/fleet.ts';
import { under, type Network, type Route } from '../network.ts';
import { networkOf, until, worstLagSeconds, withClient, type World } from '../world.ts';
import type { Fault } from './fault.ts';

/** Longer than a session lasts: services lose their tasks, brokers their leaderships. */
const darkMs = 15_000;
/** What waited must get through before the next cable is pulled: two at once are another fault. */
const settleMs = 5_000;

/** Positions of all sinks, as the database has them. */
async function storedPositions({ env }: World): Promise<string> {
  const databases = [env.databaseUrl, env.warehouseUrl];
  const rows = await Promise.all(
    databases.map((url) => query<{ at: string }>(url, `SELECT coalesce(sum(next_offset), 0)::text AS at FROM engine.sink_offset`)),
  );
  return rows.map(([row]) => row?.at).join('/');
}

async function cutOff(routes: readonly Route[], what: string, during: () => Promise<void> = () => sleep(darkMs)): Promise<string> {
  const { heldBytes } = await under({ kind: 'dark' }, routes, during);
  if (heldBytes === 0) throw new Error(`Nobody sent anything while ${what} was cut off: the fault did not happen.`);
  return `${what} cut off for ${darkMs / 1_000} s: ${heldBytes} bytes came late, over ${routes.length} links`;
}

const betweenBrokers = (network: Network, isolated: number): Route[] =>
  network.routes(({ from, to }) => (from === isolated && to !== 'database') || (to === isolated && from !== 'services'));

/** While the database cannot be reached nothing may be taken for stored; what the sinks had begun is over by the first second. */
async function cutOffDatabase(world: World): Promise<string> {
  return cutOff(
    networkOf(world).routes(({ to }) => to === 'database'),
    'the database',
    async () => {
      await sleep(1_000);
      const before = await storedPositions(world);
      await sleep(darkMs - 1_000);
      if ((await storedPositions(world)) !== before) throw new Error('Sinks stored positions while the database was cut off.');
    },
  );
}

/** F6: cables are pulled out and put back; nobody is told, and what was on its way comes late. */
export const partitions: Fault = {
  id: 'F6',
  title: 'network partitions: services from one broker, from all, one broker from the others, services from the database',
  inject: async ({ world, random }) => {
    const network = networkOf(world);
    const struck = random.pick([1, 2, 3]);
    const fromServices = network.routes(({ from, to }) => from === 'services' && to !== 'database');
    const evidence = [
      await cutOff(
        fromServices.filter(({ to }) => to === struck),
        `services ↔ broker ${struck}`,
      ),
    ];
    await sleep(settleMs);
    evidence.push(await cutOff(fromServices, 'services ↔ every broker'));
    await sleep(settleMs);
    evidence.push(await cutOff(betweenBrokers(network, struck), `broker ${struck} ↔ the other brokers`));
    await sleep(settleMs);
    return [...evidence, await cutOffDatabase(world)];
  },
};

const slow = { kind: 'slow', latencyMs: 100, jitterMs: 50, bytesPerSecond: 512 * 1024 } as const;
const slowMs = 20_000;
const lookEveryMs = 250;

/** Seconds behind, of the worst group, that 99 of 100 looks did not exceed. */
async function p99LagSeconds(world: World, forMs: number): Promise<number> {
  const seen: number[] = [];
  await withClient(world, async (client) => {
    for (const endMs = performance.now() + forMs; performance.now() < endMs; await sleep(lookEveryMs)) {
      seen.push(await worstLagSeconds(world, client));
    }
  });
  const sorted = seen.sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0;
}

/** F7: everything between services and brokers, and to the database, is late and narrow. */
export const slowLink: Fault = {
  id: 'F7',
  title: `links of services slow for ${slowMs / 1_000} s: ${slow.latencyMs}–${slow.latencyMs + slow.jitterMs} ms each way, ${slow.bytesPerSecond / 1024} KiB/s`,
  inject: async ({ world }) => {
    const routes = networkOf(world).routes(({ from }) => from === 'services');
    const before = await p99LagSeconds(world, 5_000);
    let during = 0;
    const { carriedBytes } = await under(slow, routes, async () => {
      during = await p99LagSeconds(world, slowMs);
    });
    if (carriedBytes === 0) throw new Error('Nothing went over the slow links: the fault did not happen.');
    const bound = Math.max(3, 2 * before);
    let after = Number.POSITIVE_INFINITY;
    await until('the p99 of the lag is near what it was', async () => (after = await p99LagSeconds(world, 5_000)) <= bound, 240_000);
    const [was, is, became] = [before, during, after].map((seconds) => seconds.toFixed(1));
    return [`${carriedBytes} bytes over slow links; p99 of the worst lag ${was} s before, ${is} s during, ${became} s after`];
  },
};
