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

/** @throws when part of the stack cannot be started, with what it said */
export async function openBenchHome({ name, fleet, partitions = 4 }: BenchHomeOptions): Promise<BenchHome> {
  const home = join(repositoryRoot, '.vigil', `bench-${name}`);
  process.env['VIGIL_HOME'] = home;
  await vigil(['down']).catch(() => undefined);
  rmSync(home, { recursive: true, force: true });
  if (fleet) await vigil(['up']);
  else
    for (const args of [
      ['stack', 'up'],
      ['topics', 'apply', '--partitions', String(partitions)],
      ['schemas', 'register'],
    ])
      await vigil(args);
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
