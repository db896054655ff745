import { defineCommand, type RegisterCommand } from '../define-command.ts';

/** `vigil db migrate`: both databases at their newest version. */
export const registerDb: RegisterCommand = (program, io) => {
  const db = program.command('db').description('the databases vigil and vigil_warehouse');
  defineCommand(db, { name: 'migrate', summary: 'bring both databases to their newest version', examples: ['vigil db migrate'] }).action(
    async () => {
      const { migrateDatabases } = await import('../fleet/migrate-databases.ts');
      const { addressOf } = await import('../connect/addresses.ts');
      const applied = await migrateDatabases({ databaseUrl: addressOf('databaseUrl'), warehouseUrl: addressOf('warehouseUrl') });
      io.result({ applied }, () => applied.join('\n') || 'nothing to do');
    },
  );
};
