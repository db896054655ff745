import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { VigilError } from '@vigil/core';
import { hasField } from './has-field.ts';
import type { ProcessIdentity } from './process-identity.ts';

export const partNames = ['kafka', 'registry', 'postgres', 'redis', 'sftp'] as const;
export type PartName = (typeof partNames)[number];

/** `external`: an address in the environment; `compose`: a container; `native`: a process of this machine. */
export type PartMode = 'external' | 'compose' | 'native';

export interface PartState {
  readonly mode: PartMode;
  /** Bootstrap server, URL of the registry, URL of the database server, of Redis or of the SFTP server's files. */
  readonly address: string;
  /** Only of a database outside, whose warehouse may be on another server. */
  readonly warehouseAddress?: string;
  readonly process?: ProcessIdentity;
}

/** What `stack.json` holds. Ports stay when everything is stopped, so that addresses do not change between two starts. */
export interface StackState {
  readonly version: 1;
  readonly ports: Readonly<Record<string, number>>;
  readonly parts: Readonly<Partial<Record<PartName, PartState>>>;
  readonly databasePassword: string;
}

/** undefined when there is none yet. */
export const readState = (path: string): StackState | undefined => readJsonFile<StackState>(path);

export const writeState = (path: string, state: StackState): void => writeJsonFile(path, state);

/** A file that readers see whole, old or new, never half; readable by its owner only. */
export const writeJsonFile = (path: string, value: unknown): void => {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(draft, `${JSON.stringify(value, undefined, 2)}\n`, { mode: 0o600 });
    renameSync(draft, path);
  } catch (cause) {
    throw new VigilError('DISK_UNWRITABLE', { detail: `File ${path}.`, cause });
  }
};

export const readJsonFile = <Value>(path: string): Value | undefined => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (hasField(error, 'code', 'ENOENT')) return undefined;
    throw new VigilError('DISK_UNWRITABLE', { detail: `File ${path} cannot be read.`, cause: error });
  }
  try {
    return JSON.parse(text) as Value;
  } catch (cause) {
    throw new VigilError('BAD_SETTINGS', { detail: `${path} is not JSON; remove it to start anew.`, cause });
  }
};
