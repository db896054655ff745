export type * from './files/file-source.ts';
export type * from './tables/table-source.ts';
