import { stackStatus, startStack } from '@vigil/stack';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { runningPart, until, type World } from '../world.ts';

/** The state letter of a process on Linux, undefined when it is gone; T = stopped by a signal. */
export function processState(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[0];
  } catch {
    return undefined;
  }
}

export const isGone = (pid: number): boolean => [undefined, 'Z', 'X'].includes(processState(pid));

/** SIGKILL to a service; done when the supervisor has another process of it. */
export async function killService(world: World, name: string): Promise<string> {
  const { pid, restarts } = runningPart(world, name);
  process.kill(pid, 'SIGKILL');
  await until(`${name} is back after SIGKILL`, () => {
    const now = runningPart(world, name);
    return now.pid !== pid && now.restarts > restarts;
  });
  return `${name}: ${pid} killed, ${runningPart(world, name).pid} in its place`;
}

/** Freezes a process for a while; whatever happens, it is woken again. */
export async function freeze(pid: number, work: () => Promise<unknown>): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  try {
    await until(`process ${pid} is frozen`, () => processState(pid) === 'T');
    await work();
    if (processState(pid) !== 'T') throw new Error(`The process ${pid} did not stay frozen: the fault did not happen.`);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

export async function infrastructurePid({ stack, cluster }: World, name: string): Promise<number> {
  if (name === 'kafka' && cluster) return cluster.process(1).pid;
  const part = (await stackStatus(stack)).find((candidate) => candidate.name === name);
  if (typeof part?.pid !== 'number') throw new Error(`${name} is no process of this machine: this fault needs the native stack.`);
  return part.pid;
}

export interface Outage {
  readonly name: string;
  readonly signal: NodeJS.Signals;
  readonly awayMs: number;
}

/** Ends a part of the stack, leaves it away for a while, starts it again on the same port with the same data. */
export async function takeAway(world: World, { name, signal, awayMs }: Outage): Promise<string> {
  const pid = await infrastructurePid(world, name);
  process.kill(pid, signal);
  await until(`${name} is gone`, () => isGone(pid));
  await sleep(awayMs);
  await startStack({ paths: world.stack, environment: world.environment });
  const next = await infrastructurePid(world, name);
  if (next === pid) throw new Error(`${name} is still process ${pid}: the fault did not happen.`);
  return `${name}: ${pid} ended by ${signal}, ${next} after ${awayMs / 1000} s away`;
}
