import { runCli } from '@vigil/cli';
import { createKafkaClient, type KafkaClient } from '@vigil/kafka';
import { repositoryRoot, stackEnv, stackPaths, type StackEnv, type StackPaths } from '@vigil/stack';
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** A stack of its own for one round: no other data, no other load, gone afterwards. */
export interface BenchHome {
  readonly env: StackEnv;
  readonly paths: StackPaths;
  readonly client: KafkaClient;
  close(): Promise<void>;
}

export async function vigil<Document>(args: readonly string[]): Promise<Document> {
  let printed = '';
  let said = '';
  const streams = { stdout: { write: (text: string) => (printed += text) }, stderr: { write: (text: string) => (said += text) } };
  const code = await runCli([...args, '--json'], streams);
  if (code !== 0) throw new Error(`vigil ${args.join(' ')} ended with ${code}:\n${said}`);
  return JSON.parse(printed) as Document;
}

/** Binds all threads of a process to one core, so that broker and program under test do not share one. */
export function pin(pid: number, core: number): void {
  execFileSync('taskset', ['-apc', String(core), String(pid)], { stdio: 'ignore' });
}

const kafkaPidOf = ({ stateFile }: StackPaths): number =>
  (JSON.parse(readFileSync(stateFile, 'utf8')) as { parts: { kafka: { process: { pid: number } } } }).parts.kafka.process.pid;

export interface BenchHomeOptions {
  readonly name: string;
  /** Whole fleet, or only stack, topics and schemas. */
  readonly fleet: boolean;
  /** Of all record topics, without the fleet. */
  readonly partitions?: number;
}

const attempts = 3;

/** A command that may be repeated: on a machine with other work a new broker does not answer in time now and then. */
async function insist(args: readonly string[]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await vigil(args);
      return;
    } catch (error) {
      if (attempt === attempts) throw error;
    }
  }
}

/** Stack, topics and schemas, without a service. @throws with nothing left running */
async function raiseStack(partitions: number): Promise<void> {
  try {
    await vigil(['stack', 'up']);
    await insist(['topics', 'apply', '--partitions', String(partitions)]);
    await insist(['schemas', 'register']);
  } catch (error) {
    await vigil(['down']).catch(() => undefined);
    throw error;
  }
}

/** @throws when part of the stack cannot be started, with what it said */
export async function openBenchHome({ name, fleet, partitions = 4 }: BenchHomeOptions): Promise<BenchHome> {
  const home = join(repositoryRoot, '.vigil', `bench-${name}`);
  process.env['VIGIL_HOME'] = home;
  await vigil(['down']).catch(() => undefined);
  rmSync(home, { recursive: true, force: true });
  if (fleet) await vigil(['up']);
  else await raiseStack(partitions);
  const paths = stackPaths();
  const env = stackEnv(paths);
  if (!fleet) pin(kafkaPidOf(paths), 0);
  const client = createKafkaClient({ brokers: env.kafkaBrokers.split(','), clientId: 'vigil-bench' });
  return {
    env,
    paths,
    client,
    close: async () => {
      await client.close();
      await vigil(['down']);
      rmSync(home, { recursive: true, force: true });
    },
  };
}
