import { withDatabase } from './databases.ts';
import type { PartName, PartState } from './state-file.ts';

export type AddressEnvironment = Readonly<Record<string, string | undefined>>;

const addressNames = {
  kafka: 'VIGIL_KAFKA_BROKERS',
  registry: 'VIGIL_SCHEMA_REGISTRY_URL',
  postgres: 'VIGIL_DATABASE_URL',
  redis: 'VIGIL_REDIS_URL',
  sftp: 'VIGIL_SFTP_URL',
} as const satisfies Record<PartName, string>;

/** The part behind an address of the environment; that one is used as it is, never started or stopped. */
export const externalPart = (name: PartName, environment: AddressEnvironment): PartState | undefined => {
  const address = environment[addressNames[name]];
  if (!address) return undefined;
  if (name !== 'postgres') return { mode: 'external', address };
  return { mode: 'external', address, warehouseAddress: environment['VIGIL_WAREHOUSE_URL'] || withDatabase(address, 'vigil_warehouse') };
};
