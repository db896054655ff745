import type { GeneratedFile } from '../generation/generated-file.ts';
import { readSchemas } from '../generation/schema-files.ts';
import { errorsReference } from './errors-reference.ts';
import { schemasReference } from './schemas-reference.ts';
import { topicsReference } from './topics-reference.ts';

/** The pages of `docs/reference/` that follow from schemas, topic catalogue and error catalogue. */
export const generateReference = (root: string): GeneratedFile[] => [
  { path: 'docs/reference/topics.md', text: topicsReference() },
  { path: 'docs/reference/schemas.md', text: schemasReference(readSchemas(root)) },
  { path: 'docs/reference/errors.md', text: errorsReference() },
];
