import { readFileSync } from 'node:fs';
import { VigilError } from '@vigil/core';
import type { z } from 'zod';
import { parseDefinition } from './parse-definition.ts';

/** @throws VigilError BAD_DEFINITION when the file cannot be read or is not valid; all problems with line and column */
export const loadDefinition = <Value>(path: string, schema: z.ZodType<Value>): Value =>
  parseDefinition(readDefinitionFile(path), path, schema);

function readDefinitionFile(path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (cause) {
    throw new VigilError('BAD_DEFINITION', { detail: `${path} cannot be read as a UTF-8 text file.`, cause });
  }
}
