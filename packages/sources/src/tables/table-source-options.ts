import { VigilError, type Clock } from '@vigil/core';
import type { SourceDefinition } from '@vigil/definitions';
import type { ResolveReference } from '../resolve-reference.ts';
import { databaseUrl } from './database-url.ts';
import type { Paging } from './http/http-table-options.ts';
import { openCdcTable } from './open-cdc-table.ts';
import { openHttpTable } from './open-http-table.ts';
import { openSqlTable } from './open-sql-table.ts';
import type { KeySeal } from './key-seal.ts';
import type { RowState } from './row-state.ts';
import { slotNamesOf } from './slot-names.ts';
import type { TableShare } from './table-share.ts';
import type { TableSource } from './table-source.ts';

/** Definitions of sources that hold tables or feeds of rows. */
export type TableSourceDefinition = Extract<SourceDefinition, { kind: 'http' | 'sql' | 'cdc' }>;

export const isTableSource = (definition: SourceDefinition): definition is TableSourceDefinition =>
  definition.kind === 'http' || definition.kind === 'sql' || definition.kind === 'cdc';

/** What a task and its worker add to the definition of a source. */
export interface TableReading {
  /** Of the source. */
  readonly source: string;
  readonly table: string;
  readonly resolve: ResolveReference;
  readonly state: RowState;
  readonly salt: string;
  /** Keeps the keys of followed rows, so that those that vanish can be told. */
  readonly seal: KeySeal;
  /** Of a followed table: whether its reader ends. */
  readonly until: 'caught-up' | 'signal';
  /** The run. */
  readonly scan: string;
  /** Of a table that is read in parts; absent = all of it. */
  readonly share?: TableShare;
  /** What a followed table does where changes were lost. */
  readonly onLost: 'refuse' | 'snapshot';
  readonly clock: Clock;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** One sentence for the log of the task. */
  readonly onNotice: (sentence: string) => void;
}

function pagingOf({ paging }: Extract<TableSourceDefinition, { kind: 'http' }>): Paging {
  switch (paging.by) {
    case 'cursor':
      return { kind: 'cursor', parameter: paging.parameter, field: paging.next };
    case 'number':
      return { kind: 'page', parameter: paging.parameter, first: 1 };
    case 'link':
      return { kind: 'link' };
  }
}

function httpTable(definition: Extract<TableSourceDefinition, { kind: 'http' }>, reading: TableReading): TableSource {
  const { address, credential, items, key, since, page_size: pageSize, requests_per_second: requestsPerSecond } = definition;
  const { source, table, resolve } = reading;
  const url = URL.parse(resolve(address));
  if (url === null) throw new VigilError('BAD_SETTINGS', { detail: `The address of source ${source} is no URL.` });
  url.searchParams.set('page_size', String(pageSize));
  return openHttpTable({
    ...reading,
    name: `${source}.${table}`,
    url: url.href,
    ...(credential && { headers: { Authorization: `Bearer ${resolve(credential.token)}` } }),
    paging: pagingOf(definition),
    items,
    key: key ?? null,
    ...(since && { since: { parameter: since.parameter, field: since.member, overlapMs: since.overlap } }),
    requestsPerSecond,
  });
}

function declared<Declared>(tables: Readonly<Record<string, Declared>>, { source, table }: TableReading): Declared {
  const found = Object.hasOwn(tables, table) ? tables[table] : undefined;
  if (found === undefined) throw new VigilError('BAD_DEFINITION', { detail: `Source ${source} declares no table ${table}.` });
  return found;
}

function sqlTable(definition: Extract<TableSourceDefinition, { kind: 'sql' }>, reading: TableReading): TableSource {
  const { key, change_column: column, overlap } = declared(definition.tables, reading);
  return openSqlTable({
    ...reading,
    name: `${reading.source}.${reading.table}`,
    url: databaseUrl(definition, reading),
    key,
    changes: column === undefined ? null : { column, overlap },
    fetchRows: definition.fetch_size,
  });
}

function cdcTable(definition: Extract<TableSourceDefinition, { kind: 'cdc' }>, reading: TableReading): TableSource {
  const { key } = declared(definition.tables, reading);
  return openCdcTable({
    ...reading,
    name: `${reading.source}.${reading.table}`,
    url: databaseUrl(definition, reading),
    key,
    ...slotNamesOf(definition, reading.table),
  });
}

/**
 * The table that a task reads of a source of `workflows/sources.yaml`. Nothing is connected before it is read.
 *
 * @throws VigilError BAD_DEFINITION where the source does not declare the table or cannot be read in parts, BAD_SETTINGS where its address is missing
 */
export function openTableSource(definition: TableSourceDefinition, reading: TableReading): TableSource {
  if (definition.kind !== 'sql' && (reading.share?.of ?? 1) > 1)
    throw new VigilError('BAD_DEFINITION', { detail: `Source ${reading.source} is read in one order, not in partitions.` });
  switch (definition.kind) {
    case 'http':
      return httpTable(definition, reading);
    case 'sql':
      return sqlTable(definition, reading);
    case 'cdc':
      return cdcTable(definition, reading);
  }
}
