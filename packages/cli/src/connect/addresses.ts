import { stackEnv, type StackEnv } from '@vigil/stack';

const variables = {
  kafkaBrokers: 'VIGIL_KAFKA_BROKERS',
  schemaRegistryUrl: 'VIGIL_SCHEMA_REGISTRY_URL',
  databaseUrl: 'VIGIL_DATABASE_URL',
  warehouseUrl: 'VIGIL_WAREHOUSE_URL',
  orchestratorUrl: 'VIGIL_ORCHESTRATOR_URL',
} as const satisfies Partial<Record<keyof StackEnv, string>>;

export type AddressName = keyof typeof variables;

/** An address as the environment tells it, as in a cluster; else that of the local stack. @throws STACK_DOWN where neither is there */
export const addressOf = (
  name: AddressName,
  environment: Readonly<Record<string, string | undefined>> = process.env,
  local: () => StackEnv = stackEnv,
): string => environment[variables[name]] ?? local()[name];
