import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VigilError } from '@vigil/core';
import { withDatabase } from './databases.ts';
import { portOf } from './native/part-context.ts';
import { stackPaths, type StackPaths } from './paths.ts';
import { isRunning } from './process-identity.ts';
import { readState, type PartName, type PartState } from './state-file.ts';

/** Addresses and secrets of a running stack; names fixed by the interface that scripts read. */
export interface StackEnv {
  readonly kafkaBrokers: string;
  readonly schemaRegistryUrl: string;
  readonly databaseUrl: string;
  readonly warehouseUrl: string;
  readonly redisUrl: string;
  readonly gatewayUrl: string;
  readonly gatewayApiKey: string;
  /** API of workflows; its key is that of the gateway. */
  readonly orchestratorUrl: string;
  readonly pagerUrl: string;
  readonly smtpUrl: string;
  /** Root of the SFTP server's files, with the folders claims/ and ehr/. */
  readonly sftpUrl: string;
  /** The database that stands in for the one of research. */
  readonly researchDatabaseUrl: string;
  /** Where reports and extracts are published. */
  readonly reportsDir: string;
  readonly keysFile: string;
  readonly gatewayApiKeyFile: string;
}

const down = (detail: string): VigilError => new VigilError('STACK_DOWN', { detail });

/** @throws STACK_DOWN unless every part was started and still runs */
export const stackEnv = (paths: StackPaths = stackPaths()): StackEnv => {
  const state = readState(paths.stateFile);
  if (state === undefined) throw down(`${paths.stateFile} does not exist.`);
  const part = (name: PartName): PartState => {
    const found = state.parts[name];
    if (found === undefined) throw down(`${name} was not started.`);
    if (found.process !== undefined && !isRunning(found.process)) throw down(`${name} ended.`);
    return found;
  };
  const [kafka, registry, postgres, redis, sftp] = [part('kafka'), part('registry'), part('postgres'), part('redis'), part('sftp')];
  return {
    kafkaBrokers: kafka.address,
    schemaRegistryUrl: registry.address,
    databaseUrl: postgres.mode === 'external' ? postgres.address : withDatabase(postgres.address, 'vigil'),
    warehouseUrl: postgres.warehouseAddress ?? withDatabase(postgres.address, 'vigil_warehouse'),
    redisUrl: redis.address,
    gatewayUrl: `http://127.0.0.1:${portOf(state.ports, 'gateway')}`,
    gatewayApiKey: readFileSync(paths.apiKeyFile, 'utf8').trim(),
    orchestratorUrl: `http://127.0.0.1:${portOf(state.ports, 'orchestrator.api')}`,
    pagerUrl: `http://127.0.0.1:${portOf(state.ports, 'pager')}`,
    smtpUrl: `smtp://127.0.0.1:${portOf(state.ports, 'smtp')}`,
    sftpUrl: sftp.address,
    researchDatabaseUrl: withDatabase(postgres.address, 'vigil_research'),
    reportsDir: join(paths.home, 'reports'),
    keysFile: paths.keysFile,
    gatewayApiKeyFile: paths.apiKeyFile,
  };
};
