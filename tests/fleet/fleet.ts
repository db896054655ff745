import type { StackEnv } from '@vigil/stack';
import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type QueryResultRow } from 'pg';

export const root = join(import.meta.dirname, '../..');
export type { StackEnv } from '@vigil/stack';

/** Where the fleet of the tests keeps everything. */
export const home = process.env['VIGIL_HOME'] ?? join(root, '.vigil/fleet');
/** Faults strike processes by their ids, so the stack is of processes, whatever else this machine has. */
export const fleetSettings = { VIGIL_HOME: home, VIGIL_STACK: 'native' };
const environment = { ...process.env, ...fleetSettings, NODE_OPTIONS: '' };
const command = join(root, 'packages/cli/bin/vigil.js');

export interface Part {
  readonly name: string;
  readonly kind: 'service' | 'infrastructure';
  readonly pid: number;
  readonly port: number | null;
  readonly state: string;
  readonly restarts: number;
}

export interface LedgerStage {
  readonly stage: string;
  readonly topic: string;
  readonly consumed: number;
  readonly processed: number;
  readonly late: number;
  readonly duplicate: number;
  readonly rejected: number;
  readonly suppressed: number;
  readonly outputs: Readonly<Record<string, number>>;
  readonly unaccounted: number;
}

export interface Ledger {
  readonly balanced: boolean;
  readonly unaccounted: number;
  readonly stages: readonly LedgerStage[];
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How `vigil` is started against the fleet of the tests. */
export const vigilCommand = (args: readonly string[]) => ({ argv: [command, ...args], options: { cwd: root, env: environment } });

/** Runs `vigil` against the fleet of the tests; `input` goes to its standard input. */
export function runVigil(args: readonly string[], input?: Buffer): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [command, ...args],
      { cwd: root, env: environment, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
    );
    // A command that ends early closes its input; its exit code tells.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

/** The JSON document of a command that must succeed. */
export async function vigil<Value>(args: readonly string[], input?: Buffer): Promise<Value> {
  const { code, stdout, stderr } = await runVigil([...args, '--json'], input);
  if (code !== 0) throw new Error(`vigil ${args.join(' ')} ended with ${code}:\n${stderr}\n${stdout.slice(0, 4000)}`);
  return JSON.parse(stdout) as Value;
}

/** Starts the fleet of the tests, or finds it running. It is shared by all test files and stopped by `npm test`. */
export async function startFleet(): Promise<StackEnv> {
  const { code, stderr } = await runVigil(['up']);
  if (code !== 0) throw new Error(`vigil up ended with ${code}:\n${stderr}`);
  return vigil<StackEnv>(['stack', 'env']);
}

export async function partOf(name: string): Promise<Part> {
  const { parts } = await vigil<{ parts: Part[] }>(['status']);
  const part = parts.find((candidate) => candidate.name === name);
  if (!part) throw new Error(`No part ${name}; there are ${parts.map((candidate) => candidate.name).join(', ')}.`);
  return part;
}

export const servicesOf = async (): Promise<Part[]> =>
  (await vigil<{ parts: Part[] }>(['status'])).parts.filter(({ kind }) => kind === 'service');

/** The balance once every group is drained. */
export const drainedLedger = (seconds = 90): Promise<Ledger> => vigil<Ledger>(['ledger', '--wait', String(seconds)]);

/** Waits until `probe` gives something else than undefined. */
export async function eventually<Value>(what: string, probe: () => Promise<Value | undefined>, withinMs = 60_000): Promise<Value> {
  const until = Date.now() + withinMs;
  while (Date.now() < until) {
    const found = await probe();
    if (found !== undefined) return found;
    await sleep(250);
  }
  throw new Error(`Not within ${withinMs} ms: ${what}.`);
}

export async function query<Row extends QueryResultRow>(url: string, text: string, values: readonly unknown[] = []): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text, [...values])).rows;
  } finally {
    await client.end();
  }
}

/** Sends lines to a topic as a device would, in the background; resolves when all are acknowledged. */
export function sendInBackground(kind: 'readings' | 'patients', lines: readonly Buffer[], rate: number): Promise<Ran> {
  const child = spawn(process.execPath, [command, 'send', kind, '-', '--rate', String(rate), '--json'], {
    cwd: root,
    env: environment,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.end(Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')])));
  return new Promise((resolve, reject) => child.on('error', reject).on('close', (code) => resolve({ code: code ?? 1, stdout, stderr })));
}
