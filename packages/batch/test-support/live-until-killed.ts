import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What a process said before it ended. */
export interface Life {
  /** A line each: after each commit. */
  readonly positions: readonly number[];
  /** Its last words, a line of JSON; null = it was killed before. */
  readonly result: unknown;
}

export interface Kill {
  /** So many commits… */
  readonly commits: number;
  /** … and so much later. */
  readonly ms: number;
}

/**
 * Runs a program of this folder that does as its argument says, a JSON text, and kills it in the middle of its work.
 *
 * @param killAt  null = it lives to its end
 */
export async function liveUntilKilled(program: string, order: object, killAt: Kill | null): Promise<Life> {
  const file = fileURLToPath(new URL(program, import.meta.url));
  const child = spawn(process.execPath, [file, JSON.stringify(order)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const positions: number[] = [];
  let result: unknown = null;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('{')) result = JSON.parse(line);
    else positions.push(Number(line));
    if (killAt && positions.length === killAt.commits) setTimeout(() => child.kill('SIGKILL'), killAt.ms);
  }
  return { positions, result };
}
