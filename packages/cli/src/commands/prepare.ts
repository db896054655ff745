import { defineCommand, type RegisterCommand } from '../define-command.ts';

/** `vigil prepare`: what the services expect to find, on the addresses of the environment; a job before they start. */
export const registerPrepare: RegisterCommand = (program, io) => {
  defineCommand(program, {
    name: 'prepare',
    summary: 'make keys, tables, schemas and topics where they are missing',
    examples: ['vigil prepare'],
  }).action(async () => {
    const { ensureHome, ensureSecrets, stackPaths } = await import('@vigil/stack');
    const { prepareStack } = await import('../fleet/prepare-stack.ts');
    const { addressOf } = await import('../connect/addresses.ts');
    const paths = stackPaths();
    ensureHome(paths);
    ensureSecrets(paths);
    await prepareStack(
      {
        kafkaBrokers: addressOf('kafkaBrokers'),
        schemaRegistryUrl: addressOf('schemaRegistryUrl'),
        databaseUrl: addressOf('databaseUrl'),
        warehouseUrl: addressOf('warehouseUrl'),
      },
      io.progress,
    );
    io.result({ prepared: true }, () => 'prepared');
  });
};
