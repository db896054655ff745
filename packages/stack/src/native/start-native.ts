import { endProcess } from '../end-process.ts';
import type { StackPaths } from '../paths.ts';
import type { Progress } from '../progress.ts';
import type { PartName, PartState } from '../state-file.ts';
import type { StateKeeper } from '../state-keeper.ts';
import { ensureJava } from './find-java.ts';
import type { PartContext } from './part-context.ts';
import { startKafka } from './start-kafka.ts';
import { startPostgres } from './start-postgres.ts';
import { startRedis } from './start-redis.ts';
import { startRegistry } from './start-registry.ts';
import { startSftp } from './start-sftp.ts';

export interface NativeOptions {
  readonly keeper: StateKeeper;
  readonly paths: StackPaths;
  readonly progress: Progress;
}

/**
 * Starts parts as processes of this machine: those that depend on nothing at once, the registry after its database.
 * When one cannot be started, those that could are ended.
 */
export const startNative = async (names: readonly PartName[], { keeper, paths, progress }: NativeOptions): Promise<void> => {
  let java: Promise<string> | undefined;
  const contextOf = (name: PartName): PartContext => ({
    paths,
    ports: keeper.state().ports,
    databasePassword: keeper.state().databasePassword,
    javaHome: async () => (java ??= ensureJava(paths.cache, progress)),
    progress,
    record: (process, address) => keeper.setPart(name, { mode: 'native', address, process }),
  });
  const start = async (name: PartName, run: (context: PartContext) => Promise<void>): Promise<void> => {
    if (!names.includes(name)) return;
    const began = performance.now();
    progress(`starting ${name}`);
    await run(contextOf(name));
    progress(`${name} is up after ${((performance.now() - began) / 1000).toFixed(1)} s`);
  };
  const databaseThenRegistry = async (): Promise<void> => {
    await start('postgres', startPostgres);
    // Whichever way it was started, it is known by now.
    const { address: server } = keeper.state().parts.postgres as PartState;
    await start('registry', async (context) => startRegistry(context, server));
  };
  const outcomes = await Promise.allSettled([
    start('kafka', startKafka),
    start('redis', startRedis),
    start('sftp', startSftp),
    databaseThenRegistry(),
  ]);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed === undefined) return;
  for (const name of names) {
    const { process } = keeper.state().parts[name] ?? {};
    if (process !== undefined) await endProcess(process);
  }
  throw failed.reason;
};
