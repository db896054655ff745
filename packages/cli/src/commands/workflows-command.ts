import type { Command } from 'commander';

/** `vigil workflows`, which several files add to. */
export const workflowsCommand = (program: Command): Command =>
  program.commands.find((command) => command.name() === 'workflows') ??
  program.command('workflows').description('workflows: what is deployed, what runs, and why it does not');
