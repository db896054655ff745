import { VigilError } from '@vigil/core';
import type { Client } from 'pg';

export interface TableColumn {
  readonly name: string;
  /** As SQL writes it. */
  readonly type: string;
}

/** A table as its source is declared, checked against what the database says. */
export interface TableShape {
  /** Quoted for SQL. */
  readonly table: string;
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly TableColumn[];
  readonly key: readonly string[];
  readonly replicaIdentity: string;
}

export interface TableDeclaration {
  /** `clinical_trials` or `research.clinical_trials`. */
  readonly table: string;
  /** Columns that together tell rows apart. */
  readonly key: readonly string[];
}

const plainName = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

function placeOf(table: string): { readonly schema: string; readonly name: string } {
  const parts = table.split('.');
  const [schema, name] = parts.length === 1 ? ['public', parts[0]] : parts;
  if (parts.length > 2 || !schema || !name || ![schema, name].every((part) => plainName.test(part)))
    throw new VigilError('TABLE_UNFIT', { detail: 'The table is named table or schema.table, in letters, digits and _.' });
  return { schema, name };
}

const shapeSql = `
  SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, c.relreplident AS identity
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm')
    AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum`;

/** @throws VigilError TABLE_WITHOUT_KEY, TABLE_UNFIT where the table or a column is missing */
export async function readTableShape(client: Client, { table, key }: TableDeclaration): Promise<TableShape> {
  if (key.length === 0) throw new VigilError('TABLE_WITHOUT_KEY', { detail: `Table ${table}.` });
  const { schema, name } = placeOf(table);
  const { rows } = await client.query<TableColumn & { identity: string }>(shapeSql, [schema, name]);
  const [first] = rows;
  if (!first) throw new VigilError('TABLE_UNFIT', { detail: `There is no table ${schema}.${name}.` });
  const columns = rows.map(({ name: column, type }) => ({ name: column, type }));
  for (const column of key) columnOf({ schema, name, columns }, column);
  return { table: `${quoted(schema)}.${quoted(name)}`, schema, name, columns, key, replicaIdentity: first.identity };
}

/** @throws VigilError TABLE_UNFIT where there is none of this name */
export function columnOf({ schema, name, columns }: Pick<TableShape, 'schema' | 'name' | 'columns'>, wanted: string): TableColumn {
  const found = columns.find((column) => column.name === wanted);
  if (!found) throw new VigilError('TABLE_UNFIT', { detail: `Table ${schema}.${name} has no column ${wanted}.` });
  return found;
}

/** What `hashOf` computes here. `format` writes values as replication does, a cast to text would not. */
export function hashSql(salt: string, columns: readonly string[]): string {
  const values = columns.map(
    (column) => `chr(31) || CASE WHEN ${quoted(column)} IS NULL THEN chr(30) ELSE format('%s', ${quoted(column)}) END`,
  );
  return `md5(${salt} || ${values.join(' || ')})`;
}
