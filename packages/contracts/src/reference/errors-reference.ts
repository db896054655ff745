import { errorCatalogue, type CatalogueEntry, type ErrorKind } from '@vigil/core';
import { code, generatedNote, table } from './markdown.ts';

const reactions: Readonly<Record<ErrorKind, string>> = {
  poison: 'The record goes to quarantine with its exact bytes; its partition goes on.',
  transient: 'Repeated in place with full jitter, so that order is kept.',
  dependency: 'The partition is paused until the dependency answers; nothing goes to quarantine.',
  auth: 'The service halts and pages: credentials or rights are wrong.',
  config: 'The service refuses to start (exit 78).',
  fenced: 'The instance drops the assignment: a newer owner goes on.',
  fatal: 'The service ends without committing; the next owner repeats the batch.',
  usage: 'The caller gets the message (command line: exit 2; HTTP: problem details).',
};

/** `docs/reference/errors.md`: every failure that Vigil names, from the catalogue in `packages/core`. */
export function errorsReference(): string {
  const entries: readonly (readonly [string, CatalogueEntry])[] = Object.entries(errorCatalogue);
  return `${generatedNote}
# Errors

Quarantined records carry their code in the header \`vigil-error-code\`; commands and logs print it. An error that is
not of this list is treated as fatal.

## What each kind does

${table(
  ['Kind', 'Reaction'],
  Object.entries(reactions).map(([kind, reaction]) => [code(kind), reaction]),
)}

## Codes

${table(
  ['Code', 'Kind', 'What happened', 'What to do'],
  entries.map(([name, { kind, what, action }]) => [code(name), kind, what, action]),
)}
`;
}
