import { askReadiness, endProcess, fleetStatus, startStack, type Cluster } from '@vigil/stack';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SmallDisk } from '../small-disks.ts';
import { clusterOf, until, type World } from '../world.ts';
import type { Fault, FaultContext } from './fault.ts';
import { infrastructurePid, isGone } from './signals.ts';

const watchMs = 10_000;
/** What was on its way when the disks filled may still be answered. */
const settleMs = 2_000;

/** Services that say of themselves that they do not do their work, with what they say. */
async function troubled({ paths }: World, services: RegExp): Promise<string[]> {
  const asked = await askReadiness(fleetStatus(paths).filter(({ name }) => services.test(name)));
  return asked.filter(({ ready }) => !ready).map(({ name, reason }) => `${name} is not ready (${reason ?? 'no answer'})`);
}

/** A full disk that nobody notices is the worst of all: some service must say that it does not get on. */
async function heardOf(world: World, services: RegExp): Promise<string> {
  let heard: readonly string[] = [];
  await until('a service says that it does not get on', async () => (heard = await troubled(world, services)).length > 0, 90_000);
  return heard.join(', ');
}

/** Less than any of them writes at once; who ends itself may leave a little more behind him. */
const leftoverBytes = 256 * 1024;

async function whileFull(disks: readonly SmallDisk[], work: () => Promise<void>): Promise<void> {
  try {
    for (const disk of disks) disk.fill();
    if (disks.some((disk) => disk.freeBytes() > leftoverBytes)) throw new Error('There is still space: the fault did not happen.');
    await work();
  } finally {
    for (const disk of disks) disk.free();
  }
}

/** A broker ends itself when it cannot write its log; one that did not notice is ended like one that hangs. */
async function endsItself(cluster: Cluster, id: number): Promise<string> {
  const process = cluster.process(id);
  try {
    await until(`broker ${id} ends itself`, () => isGone(process.pid), 45_000);
    return `broker ${id} ended itself`;
  } catch {
    await endProcess(process, { signal: 'SIGKILL' });
    return `broker ${id} hung and was killed`;
  }
}

async function fillBrokers({ world, acked }: FaultContext): Promise<string[]> {
  const cluster = clusterOf(world);
  const struck = [2, 3];
  const evidence: string[] = [];
  let falselyAcked = 0;
  await whileFull(
    struck.map((id) => disksOf(world).broker(id)),
    async () => {
      evidence.push(...(await Promise.all(struck.map((id) => endsItself(cluster, id)))));
      await sleep(settleMs);
      const before = acked();
      await sleep(watchMs);
      falselyAcked = acked() - before;
      evidence.push(await heardOf(world, /^(device-ingest|vitals-windowing)$/));
    },
  );
  await Promise.all(struck.map((id) => cluster.start(id)));
  if (falselyAcked > 0) throw new Error(`${falselyAcked} messages were acknowledged while one broker had a disk to write to.`);
  return evidence;
}

const refusals = ({ stack }: World): number =>
  readFileSync(join(stack.logs, 'postgres.log'), 'utf8').split('No space left on device').length - 1;

async function fillDatabase({ world }: FaultContext): Promise<string[]> {
  const before = refusals(world);
  const pid = await infrastructurePid(world, 'postgres');
  let heard = '';
  await whileFull([disksOf(world).database], async () => {
    await until('the database meets its full disk', () => refusals(world) > before, 90_000);
    heard = await heardOf(world, /^(warehouse-loader\.(warehouse|operational)|alert-router)$/);
    await sleep(watchMs);
  });
  const refused = refusals(world) - before;
  // It may have ended itself, and not have come up again without space for its log.
  if (isGone(pid)) await startStack({ paths: world.stack, environment: world.environment });
  return [`the database was refused space ${refused} times${isGone(pid) ? ', ended itself and was started again' : ''}; ${heard}`];
}

const disksOf = ({ disks }: World) => {
  if (!disks) throw new Error('This fault needs a log and a database on disks that can be filled.');
  return disks;
};

/** F9: no space, first for the logs of two of three brokers, then for the database. */
export const fullDisks: Fault = {
  id: 'F9',
  title: 'disks full: the logs of two of three brokers, then the database',
  inject: async (context) => [...(await fillBrokers(context)), ...(await fillDatabase(context))],
};
