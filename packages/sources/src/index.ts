export type * from './files/file-source.ts';
export { fileSourceOptions, isFileSource, type FileSourceDefinition } from './files/file-source-options.ts';
export { openFileSource } from './files/open-file-source.ts';
export { isSafePath } from './files/safe-path.ts';
export type * from './files/source-options.ts';
export type * from './tables/table-source.ts';
export { createReferenceResolver, type ResolveReference } from './resolve-reference.ts';
