import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GeneratedFile } from '../generation/generated-file.ts';
import type { SchemaFile } from '../generation/schema-files.ts';
import type { AvroRecord } from '../schema/avro-types.ts';
import { compatibilityProblems } from './read-problems.ts';

/** `schemas/vitals/reading-accepted.v1.avsc` → where its released forms stand, oldest first. */
export const releasePathOf = (path: string): string => path.replace('schemas/', 'schemas/released/').replace('.avsc', '.json');

const withoutWords = new Set(['doc', 'phi', 'deid', 'unit', 'loinc']);

/** What counts for reading and writing: words and classification are left out. */
const essenceOf = (schema: unknown): string => JSON.stringify(schema, (key, value: unknown) => (withoutWords.has(key) ? undefined : value));

/** Every form under which a schema was ever released, oldest first. */
function readReleases(root: string, path: string): AvroRecord[] {
  const file = join(root, releasePathOf(path));
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as AvroRecord[]) : [];
}

/** What speaks against the schemas as they stand, each with its file: an edit that a released form cannot live with. */
export const releaseProblems = (root: string, files: readonly SchemaFile[]): string[] =>
  files.flatMap(({ path, schema }) =>
    compatibilityProblems(schema, readReleases(root, path)).map(
      (problem) => `${path}: ${problem}. Released schemas change only compatibly; otherwise add a new version of topic and schema.`,
    ),
  );

/** Schemas that differ from their last release. */
export const unreleased = (root: string, files: readonly SchemaFile[]): SchemaFile[] =>
  files.filter(({ path, schema }) => essenceOf(readReleases(root, path).at(-1)) !== essenceOf(schema));

/** The release files with the present forms added. */
export const releaseFiles = (root: string, files: readonly SchemaFile[]): GeneratedFile[] =>
  unreleased(root, files).map(({ path, schema }) => ({
    path: releasePathOf(path),
    text: `${JSON.stringify([...readReleases(root, path), schema], null, 1)}\n`,
  }));
