import { readFileSync } from 'node:fs';
import { VigilError } from '@vigil/core';
import type { Reference } from '@vigil/definitions';

/** What stands behind a reference. @throws VigilError BAD_SETTINGS where there is nothing */
export type ResolveReference = (reference: Reference) => string;

/** Reads addresses and credentials from the environment or from mounted files, each time anew: secrets rotate. */
export const createReferenceResolver =
  (environment: Readonly<Record<string, string | undefined>>): ResolveReference =>
  ({ env, file }) => {
    if (env !== undefined) {
      const value = environment[env];
      if (value === undefined || value === '') throw new VigilError('BAD_SETTINGS', { detail: `${env} is not set.` });
      return value;
    }
    try {
      return readFileSync(file ?? '', 'utf8').trimEnd();
    } catch (cause) {
      throw new VigilError('BAD_SETTINGS', { detail: `${file} cannot be read.`, cause });
    }
  };
