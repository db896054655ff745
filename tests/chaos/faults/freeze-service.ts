import { fleetParts, selectParts } from '@vigil/stack';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { topics } from '@vigil/contracts';
import { runningPart, until, withClient, type World } from '../world.ts';
import type { Fault, FaultContext } from './fault.ts';
import { freeze } from './signals.ts';

const frozenService = 'device-ingest';
/** It writes as soon as it wakes, if it had anything to write; else when it gets the next record of a partition it thinks its own. */
const refusedWithinMs = 10_000;
/** Frozen in the middle of a commit it has nothing more to write, and hears before the next record that it owns nothing. */
const mostFreezes = 4;
const source = topics.vitalsReadingReceived.name;

/** A replica on ports of its own, beside the one of the fleet. */
function startSecondInstance({ paths }: World): ChildProcess {
  const [part] = fleetParts(selectParts([frozenService]), paths);
  if (!part) throw new Error(`The fleet has no ${frozenService}.`);
  const env = { ...part.env, VIGIL_ADMIN_PORT: '0', VIGIL_GATEWAY_PORT: '0' };
  return spawn(part.program, part.args, { env, cwd: part.cwd, stdio: 'ignore' });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** Positions of the group; equal ones on partitions that nobody owns. */
const positions = (world: World): Promise<Map<number, number>> =>
  withClient(world, async ({ admin }) => {
    const committed = await admin.committed(frozenService, [source]);
    return new Map(committed.map(({ partition, offset }) => [partition, offset ?? 0]));
  });

interface FencedLine {
  readonly event?: string;
  readonly refusal?: string;
}

/** What the service of the fleet logged of refused writes after its log had `fromBytes`; a replica logs elsewhere. */
function refusalsSince({ paths }: World, fromBytes: number): string[] {
  const text = readFileSync(logOf(paths)).subarray(fromBytes).toString('utf8');
  const lines = text.split('\n').filter((line) => line.includes('"event":"fenced"') && line.endsWith('}'));
  return lines.flatMap((line) => (JSON.parse(line) as FencedLine).refusal ?? []);
}

const logOf = ({ logs }: World['paths']): string => join(logs, `${frozenService}.log`);

/** Freezes the owner until `second` owns every partition, and wakes it. */
async function freezeUntilReplaced({ world, sendBesides }: FaultContext, second: ChildProcess): Promise<number> {
  const { pid } = runningPart(world, frozenService);
  await freeze(pid, async () => {
    const before = await positions(world);
    await sendBesides([]);
    // Every partition has a backlog: all of them moving means that the successor owns every task now.
    await until(
      'the successor commits on every partition',
      async () => {
        if (second.exitCode !== null) throw new Error(`The second ${frozenService} ended with ${second.exitCode}.`);
        const [now, ends] = [await positions(world), await withClient(world, ({ admin }) => admin.stableOffsets(source))];
        return [...now].every(([partition, at]) => at > (before.get(partition) ?? 0) || at >= (ends[partition] ?? 0));
      },
      90_000,
    );
  });
  await until('the frozen instance is a member again or replaced', () => runningPart(world, frozenService).pid > 0);
  return pid;
}

/** Freezes the owner and wakes it beside its successor, until the broker has refused what it writes. */
async function wakeBesideSuccessor(context: FaultContext, second: ChildProcess): Promise<string[]> {
  const { world } = context;
  const logged = statSync(logOf(world.paths)).size;
  for (let freezes = 1; ; freezes++) {
    const pid = await freezeUntilReplaced(context, second);
    const refused = until('the broker refuses what the zombie writes', () => refusalsSince(world, logged).length > 0, refusedWithinMs);
    try {
      await refused;
    } catch (error) {
      if (freezes === mostFreezes) throw error;
      continue;
    }
    const refusals = [...new Set(refusalsSince(world, logged))].join(', ');
    return [`${frozenService}: ${pid} frozen until ${second.pid} had committed on every partition, then woken; refused: ${refusals}`];
  }
}

/** F4: the owner of tasks sleeps longer than its session; its successor has moved on when it wakes and writes. */
export const freezeService: Fault = {
  id: 'F4',
  title: 'SIGSTOP to device-ingest beyond its session, then SIGCONT beside its successor: its writes are refused',
  inject: async (context) => {
    const second = startSecondInstance(context.world);
    try {
      return await wakeBesideSuccessor(context, second);
    } finally {
      await stop(second);
    }
  },
};
