import type { Progress, StackEnv } from '@vigil/stack';
import { migrateDatabases } from './migrate-databases.ts';

/** What the services expect to find: tables, schemas, topics. Every step finds what an earlier run made. */
export const prepareStack = async (env: StackEnv, progress: Progress): Promise<void> => {
  const applied = await migrateDatabases(env);
  if (applied.length > 0) progress(`migrations applied: ${applied.length}`);
};
