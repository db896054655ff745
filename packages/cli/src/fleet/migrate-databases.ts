import { migrate } from '@vigil/postgres';
import type { StackEnv } from '@vigil/stack';

export type DatabaseUrls = Pick<StackEnv, 'databaseUrl' | 'warehouseUrl'>;

/** Answers the names of the migrations that were applied. The databases share their roles, so they go one after the other. */
export const migrateDatabases = async ({ databaseUrl, warehouseUrl }: DatabaseUrls): Promise<string[]> => [
  ...(await migrate(databaseUrl, 'vigil')).map((name) => `vigil: ${name}`),
  ...(await migrate(warehouseUrl, 'vigil_warehouse')).map((name) => `vigil_warehouse: ${name}`),
];
