import { defineCommand, type RegisterCommand } from '../define-command.ts';

/** `vigil down`: the opposite of `vigil up`; data stays. */
export const registerDown: RegisterCommand = (program, io) => {
  defineCommand(program, { name: 'down', summary: 'stop every service, then the stack; data stays', examples: ['vigil down'] }).action(
    async () => {
      const { stopFleet, stopStack } = await import('@vigil/stack');
      const services = await stopFleet({ progress: io.progress });
      const parts = await stopStack({ progress: io.progress });
      io.result({ stopped: [...services, ...parts] }, ({ stopped }) => `stopped: ${stopped.join(', ') || 'nothing ran'}`);
    },
  );
};
