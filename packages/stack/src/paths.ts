import { mkdirSync, accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { VigilError } from '@vigil/core';

/** The root of this checkout. */
export const repositoryRoot = resolve(import.meta.dirname, '../../..');

/** Where a stack keeps everything: data, logs, secrets, its state file. */
export interface StackPaths {
  readonly home: string;
  readonly stateFile: string;
  readonly fleetFile: string;
  readonly lockFile: string;
  readonly keysFile: string;
  readonly apiKeyFile: string;
  readonly logs: string;
  /** Downloaded programs, shared by all checkouts of this user. */
  readonly cache: string;
}

export interface StackEnvironment {
  readonly VIGIL_HOME?: string | undefined;
  readonly XDG_CACHE_HOME?: string | undefined;
}

/** `VIGIL_HOME` or `.vigil` in this checkout. */
export const stackPaths = (environment: StackEnvironment = process.env): StackPaths => {
  const home = resolve(environment.VIGIL_HOME ?? join(repositoryRoot, '.vigil'));
  return {
    home,
    stateFile: join(home, 'stack.json'),
    fleetFile: join(home, 'fleet.json'),
    lockFile: join(home, 'stack.lock'),
    keysFile: join(home, 'keys.json'),
    apiKeyFile: join(home, 'gateway-api-key'),
    logs: join(home, 'logs'),
    cache: join(environment.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'vigil'),
  };
};

/** Makes a directory that can be written, or says which one cannot. */
export const ensureDirectory = (path: string): void => {
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.W_OK);
  } catch (cause) {
    throw new VigilError('DISK_UNWRITABLE', {
      detail: `Directory ${path}: ${String(cause)}.`,
      cause,
    });
  }
};

/** The home and the logs directory. */
export const ensureHome = ({ home, logs }: StackPaths): void => {
  ensureDirectory(home);
  ensureDirectory(logs);
};
