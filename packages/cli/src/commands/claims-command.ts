import type { Command } from 'commander';

/** `vigil claims`, which several files add to. */
export const claimsCommand = (program: Command): Command =>
  program.commands.find((command) => command.name() === 'claims') ??
  program.command('claims').description('claims: what was decided, what is paid, what waits for a person');
