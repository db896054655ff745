import { defineCommand, type RegisterCommand } from '../define-command.ts';

/** `vigil run <service…|all>`: services of the fleet in the foreground, their lines on standard error. */
export const registerRun: RegisterCommand = (program, io) => {
  defineCommand(program, {
    name: 'run <service...>',
    summary: 'run services in the foreground until Ctrl-C; when one ends, all end',
    examples: ['vigil run all', 'vigil run device-ingest vitals-windowing'],
  }).action(async (names: string[]) => {
    const { selectParts, startStack } = await import('@vigil/stack');
    const { prepareStack } = await import('../fleet/prepare-stack.ts');
    const { runInForeground } = await import('../fleet/run-in-foreground.ts');
    const parts = selectParts(names);
    const { env, paths } = await startStack({ progress: io.progress });
    await prepareStack(env, io.progress);
    io.exitWith(await runInForeground(parts, { paths, write: io.progress, signals: process }));
  });
};
