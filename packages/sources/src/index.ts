export type * from './files/file-source.ts';
export { openFileSource } from './files/open-file-source.ts';
export { isSafePath } from './files/safe-path.ts';
export type * from './files/source-options.ts';
export type * from './tables/table-source.ts';
export { openSqlTable, type ChangeColumn, type SqlTableOptions } from './tables/open-sql-table.ts';
export { lastMemos, type RowMemo, type RowState } from './tables/row-state.ts';
export { openCdcTable, type CdcTableOptions } from './tables/open-cdc-table.ts';
export { slotNameOf } from './tables/cdc/replication-slot.ts';
