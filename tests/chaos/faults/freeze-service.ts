import { fleetParts, selectParts } from '@vigil/stack';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { topics } from '@vigil/contracts';
import { runningPart, until, withClient, type World } from '../world.ts';
import type { Fault } from './fault.ts';
import { freeze } from './signals.ts';

const frozenService = 'device-ingest';
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

/** F4: the owner of tasks sleeps longer than its session; its successor has moved on when it wakes and writes. */
export const freezeService: Fault = {
  id: 'F4',
  title: 'SIGSTOP to device-ingest beyond its session, then SIGCONT beside its successor',
  inject: async ({ world, sendBesides }) => {
    const { pid } = runningPart(world, frozenService);
    const second = startSecondInstance(world);
    try {
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
      return [`${frozenService}: ${pid} frozen until ${second.pid} had committed on every partition, then woken`];
    } finally {
      await stop(second);
    }
  },
};
