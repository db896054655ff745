import type { PartStatus, StackEnv } from '@vigil/stack';
import { defineCommand, type RegisterCommand } from '../define-command.ts';

const partsText = (parts: readonly PartStatus[]): string =>
  parts.map(({ name, state, mode, address }) => `${name.padEnd(12)}${state.padEnd(10)}${mode.padEnd(10)}${address}`).join('\n');

export const envText = (env: StackEnv): string =>
  Object.entries(env)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n');

/** `vigil stack up|down|status|env`: Kafka, registry, PostgreSQL, Redis and an SFTP server on this machine. */
export const registerStack: RegisterCommand = (program, io) => {
  const stack = program.command('stack').description('the local stack: Kafka, schema registry, PostgreSQL, Redis, SFTP');

  defineCommand(stack, { name: 'up', summary: 'start what does not run yet', examples: ['vigil stack up'] }).action(async () => {
    const { startStack } = await import('@vigil/stack');
    const { env } = await startStack({ progress: io.progress });
    io.result(env, envText);
  });

  defineCommand(stack, { name: 'down', summary: 'stop every part that up started', examples: ['vigil stack down'] }).action(async () => {
    const { stopStack } = await import('@vigil/stack');
    io.result({ stopped: await stopStack({ progress: io.progress }) }, ({ stopped }) => `stopped: ${stopped.join(', ') || 'nothing ran'}`);
  });

  defineCommand(stack, { name: 'status', summary: 'what runs where', examples: ['vigil stack status --json'] }).action(async () => {
    const { stackStatus } = await import('@vigil/stack');
    const parts = await stackStatus();
    io.result({ parts }, () => partsText(parts));
  });

  defineCommand(stack, { name: 'env', summary: 'addresses of the running stack', examples: ['vigil stack env --json'] }).action(
    async () => {
      const { stackEnv } = await import('@vigil/stack');
      io.result(stackEnv(), envText);
    },
  );
};
