import { isVigilError } from '@vigil/core';
import { Command, CommanderError } from 'commander';
import { createCliSession, type CliStreams } from './cli-io.ts';
import { registerCommands } from './commands/index.ts';
import type { RegisterCommand } from './define-command.ts';

/** 0 done, 1 failed, 2 usage, 78 configuration. */
export const exitCodeOf = (error: unknown): number => {
  if (error instanceof CommanderError) return 2;
  if (!isVigilError(error)) return 1;
  if (error.kind === 'usage') return 2;
  return error.kind === 'config' ? 78 : 1;
};

const describe = (error: unknown): { code: string; message: string } => {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof CommanderError) return { code: 'BAD_USAGE', message };
  return { code: isVigilError(error) ? error.code : 'FAILED', message };
};

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
  for (const add of register) add(program, session.io, (inner, to) => runCli(inner, to, register));

  try {
    await program.parseAsync(args, { from: 'user' });
    return session.exitCode();
  } catch (error) {
    const asked = error instanceof CommanderError && ['commander.helpDisplayed', 'commander.version'].includes(error.code);
    if (asked) return 0;
    const failure = describe(error);
    // Commander has said what is wrong with the call itself.
    if (!(error instanceof CommanderError)) session.io.progress(`vigil: ${failure.code}: ${failure.message}`);
    const json = args.includes('--json');
    session.setJson(json);
    if (json && !session.printed()) session.io.result({ error: failure }, String);
    return exitCodeOf(error);
  }
};
