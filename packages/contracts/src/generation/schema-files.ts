import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AvroRecord } from '../schema/avro-types.ts';

/** A schema with the file it stands in, relative to the repository. */
export interface SchemaFile {
  readonly path: string;
  readonly schema: AvroRecord;
}

/** Every schema under `root`, those derived included. */
export const readSchemas = (root: string): SchemaFile[] =>
  globSync('schemas/**/*.avsc', { cwd: root })
    .sort()
    .map((path) => ({ path, schema: JSON.parse(readFileSync(join(root, path), 'utf8')) as AvroRecord }));

/** The schemas somebody wrote; `schemas/deid/` is derived from them. */
export const readSourceSchemas = (root: string): SchemaFile[] => readSchemas(root).filter(({ path }) => !path.startsWith('schemas/deid/'));

/** `vitals/reading-accepted.v1.avsc` → `reading-accepted.v1.avsc`. */
export const fileNameOf = (path: string): string => path.split('/').at(-1) ?? path;
