import { classifyError } from '@vigil/core';
import type { Progress, StackEnv } from '@vigil/stack';
import { withKafka } from '../connect/with-kafka.ts';
import { fleetSubjects } from '../registry/fleet-subjects.ts';
import { registerSchemas } from '../registry/register-schemas.ts';
import { createRegistryApi } from '../registry/registry-api.ts';
import { applyTopics, localShape } from '../topics/apply-topics.ts';
import { migrateDatabases } from './migrate-databases.ts';

/** Where it is made. */
export type Addresses = Pick<StackEnv, 'kafkaBrokers' | 'schemaRegistryUrl' | 'databaseUrl' | 'warehouseUrl'>;

const prepareOnce = async (env: Addresses, progress: Progress): Promise<void> => {
  const [applied, , { created }] = await Promise.all([
    migrateDatabases(env),
    registerSchemas(createRegistryApi(env.schemaRegistryUrl), fleetSubjects()),
    withKafka(({ admin }) => applyTopics(admin, localShape), env.kafkaBrokers),
  ]);
  if (applied.length > 0) progress(`migrations applied: ${applied.length}`);
  if (created.length > 0) progress(`topics created: ${created.length}`);
};

/** On a machine with other work a new broker does not answer in time now and then. */
const mostAttempts = 3;

/** What the services expect to find: tables, schemas, topics. Every step finds what an earlier run made. */
export async function prepareStack(env: Addresses, progress: Progress, prepare = prepareOnce): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await prepare(env, progress);
    } catch (error) {
      const { kind, code } = classifyError(error);
      if (attempt === mostAttempts || kind !== 'dependency') throw error;
      progress(`${code}: trying again`);
    }
  }
}
