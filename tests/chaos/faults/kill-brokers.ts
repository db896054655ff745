import { endProcess, type Cluster } from '@vigil/stack';
import { setTimeout as sleep } from 'node:timers/promises';
import { clusterOf } from '../world.ts';
import type { Fault } from './fault.ts';

const awayMs = 5_000;
/** What was on its way when the brokers died may still be answered. */
const settleMs = 2_000;
const watchMs = 10_000;
/** A broker that came back copies what it missed before the next one may die: two at once are another fault. */
const rejoinMs = 10_000;

async function kill(cluster: Cluster, id: number): Promise<number> {
  const process = cluster.process(id);
  if (!(await endProcess(process, { signal: 'SIGKILL' }))) throw new Error(`Broker ${id} did not run: the fault did not happen.`);
  return process.pid;
}

/** F2: brokers die one after the other; each leads partitions, and one of them the controllers. */
export const killOneBroker: Fault = {
  id: 'F2',
  title: 'SIGKILL to one of three brokers by the seed, again and again, then to each in turn',
  inject: async ({ world, random, rounds }) => {
    const cluster = clusterOf(world);
    const [first = 1, ...others] = cluster.ids;
    const struck = [...Array.from({ length: rounds + 2 }, () => random.pick([first, ...others])), ...cluster.ids];
    const evidence: string[] = [];
    for (const id of struck) {
      const pid = await kill(cluster, id);
      await sleep(awayMs);
      await cluster.start(id);
      evidence.push(`broker ${id}: ${pid} killed, ${cluster.process(id).pid} in its place`);
      await sleep(rejoinMs);
    }
    return evidence;
  },
};

/** F3: with two of three gone nothing may be acknowledged: one copy is not enough. */
export const killTwoBrokers: Fault = {
  id: 'F3',
  title: 'SIGKILL to two of three brokers; nothing may be acknowledged until one is back',
  inject: async ({ world, acked }) => {
    const cluster = clusterOf(world);
    const [, second = 2, third = 3] = cluster.ids;
    await Promise.all([kill(cluster, second), kill(cluster, third)]);
    await sleep(settleMs);
    const before = acked();
    await sleep(watchMs);
    const falselyAcked = acked() - before;
    await Promise.all([cluster.start(second), cluster.start(third)]);
    if (falselyAcked > 0) throw new Error(`${falselyAcked} messages were acknowledged while only one broker was left.`);
    return [`brokers ${second} and ${third} killed and started again; no acknowledgement in the ${watchMs / 1000} s between`];
  },
};
