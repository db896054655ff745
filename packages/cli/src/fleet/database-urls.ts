import { stackEnv, type StackEnv } from '@vigil/stack';

export type DatabaseUrls = Pick<StackEnv, 'databaseUrl' | 'warehouseUrl'>;

/** Addresses of the environment, as in a cluster; else those of the local stack. */
export const databaseUrls = (
  environment: Readonly<Record<string, string | undefined>>,
  local: () => DatabaseUrls = stackEnv,
): DatabaseUrls => {
  const { VIGIL_DATABASE_URL: databaseUrl, VIGIL_WAREHOUSE_URL: warehouseUrl } = environment;
  return databaseUrl !== undefined && warehouseUrl !== undefined ? { databaseUrl, warehouseUrl } : local();
};
