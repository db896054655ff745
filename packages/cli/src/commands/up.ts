import { defineCommand, type RegisterCommand } from '../define-command.ts';
import { envText } from './stack.ts';

/** `vigil up`: everything on this machine, in the background. */
export const registerUp: RegisterCommand = (program, io) => {
  defineCommand(program, {
    name: 'up',
    summary: 'start the stack, its topics, schemas and tables, and every service, in the background',
    examples: ['vigil up', 'vigil up --json'],
  }).action(async () => {
    const { startFleet, startStack } = await import('@vigil/stack');
    const { prepareStack } = await import('../fleet/prepare-stack.ts');
    const { prepareConsole } = await import('../fleet/prepare-console.ts');
    const [{ env }] = await Promise.all([startStack({ progress: io.progress }), prepareConsole(io.progress)]);
    await prepareStack(env, io.progress);
    await startFleet({ progress: io.progress });
    io.result(env, envText);
  });
};
