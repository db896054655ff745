import { isVigilError } from '@vigil/core';
import { Command, CommanderError } from 'commander';
import { createCliSession, type CliStreams } from './cli-io.ts';
import { registerCommands } from './commands/index.ts';
import type { RegisterCommand } from './define-command.ts';

/** 0 done, 1 failed, 2 usage, 78 configuration. */
export const exitCodeOf = (error: unknown): number => {
  if (!isVigilError(error)) return 1;
  if (error.kind === 'usage') return 2;
  return error.kind === 'config' ? 78 : 1;
};

const describe = (error: unknown): { code: string; message: string } =>
  isVigilError(error)
    ? { code: error.code, message: error.message }
    : { code: 'FAILED', message: error instanceof Error ? error.message : String(error) };

/** Runs one command line. Never throws; answers the exit code. */
export const runCli = async (
  args: readonly string[],
  streams: CliStreams,
  register: readonly RegisterCommand[] = registerCommands,
): Promise<number> => {
  const session = createCliSession(streams);
  const program = new Command('vigil')
    .description('Kafka-native services for clinical streams')
    .version('0.1.0')
    .option('--json', 'print exactly one JSON document on standard output')
    .exitOverride()
    .configureOutput({ writeOut: (text) => streams.stdout.write(text), writeErr: (text) => streams.stderr.write(text) })
    .showHelpAfterError('(--help tells more)')
    .hook('preAction', (_program, command) => session.setJson(command.optsWithGlobals()['json'] === true))
    .addHelpText('after', '\nExamples:\n  $ npx vigil up\n  $ npx vigil status --json');
  for (const add of register) add(program, session.io);

  try {
    await program.parseAsync(args, { from: 'user' });
    return session.exitCode();
  } catch (error) {
    if (error instanceof CommanderError) return ['commander.helpDisplayed', 'commander.version'].includes(error.code) ? 0 : 2;
    const failure = describe(error);
    session.io.progress(`vigil: ${failure.code}: ${failure.message}`);
    if (!session.printed() && args.includes('--json')) session.io.result({ error: failure }, String);
    return exitCodeOf(error);
  }
};
