import type { Command } from 'commander';
import type { CliIo, CliStreams } from './cli-io.ts';

/** Another command line of the same program, run in this process. Answers its exit code. */
export type RunVigil = (args: readonly string[], streams: CliStreams) => Promise<number>;

/** Adds one command to the program; each file of `commands/` exports one. */
export type RegisterCommand = (program: Command, io: CliIo, run: RunVigil) => void;

export interface CommandTexts {
  /** As commander reads it: `up`, `show <topic>`, `run <service...>`. */
  readonly name: string;
  readonly summary: string;
  /** One or more calls that work as they stand, shown by `--help`. */
  readonly examples: readonly [string, ...string[]];
}

/** A subcommand with what every one of them has: `--json`, examples in its help, no stray arguments. */
export const defineCommand = (parent: Command, { name, summary, examples }: CommandTexts): Command =>
  parent
    .command(name)
    .description(summary)
    .option('--json', 'print exactly one JSON document on standard output')
    .allowExcessArguments(false)
    .addHelpText('after', ['', 'Examples:', ...examples.map((example) => `  $ npx ${example}`), ''].join('\n'));
