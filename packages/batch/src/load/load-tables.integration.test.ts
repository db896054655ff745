import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadTables } from '@vigil/definitions';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import { provenanceColumns, tableTargetOf } from './table-target.ts';

let warehouse: TestDatabase;
beforeAll(async () => {
  warehouse = await createTestDatabase('vigil_warehouse');
});
afterAll(() => warehouse?.drop());

const typeNames: Readonly<Record<string, string>> = {
  text: 'text',
  integer: 'integer',
  bigint: 'bigint',
  'double precision': 'double',
  boolean: 'boolean',
  date: 'date',
};

/** Columns as the database has them; those that it fills by itself are not a file's. */
async function columnsOf(table: string) {
  const { rows } = await warehouse.pool.query<{ name: string; type: string; required: boolean }>(
    `SELECT column_name AS name, data_type AS type, is_nullable = 'NO' AS required FROM information_schema.columns
     WHERE table_schema || '.' || table_name = $1 AND column_default IS NULL AND NOT column_name = ANY ($2)`,
    [table, provenanceColumns],
  );
  return Object.fromEntries(rows.map(({ name, type, required }) => [name, { type: typeNames[type], required }]));
}

test.each(Object.keys(loadTables))('%s is in the database as definitions may name it, and workers may only insert', async (table) => {
  const declared = Object.entries(loadTables[table]?.columns ?? {}).map(([name, { type, required }]) => [name, { type, required }]);
  expect(await columnsOf(table)).toEqual(Object.fromEntries(declared));
  const { rows } = await warehouse.pool.query(
    `SELECT has_table_privilege('vigil_worker', $1, 'INSERT') AS may_insert, has_table_privilege('vigil_worker', $1, 'UPDATE') AS may_update,
       has_any_column_privilege('vigil_worker', $1, 'SELECT') AS may_read`,
    [table],
  );
  expect(rows).toEqual([{ may_insert: true, may_update: false, may_read: false }]);
});

test('a table or column that there is not is refused by name', () => {
  const { pool } = warehouse;
  expect(() => tableTargetOf({ destination: 'warehouse.fact_visit' }, pool)).toThrow(expect.objectContaining({ code: 'BAD_DEFINITION' }));
  expect(() => tableTargetOf({ destination: 'warehouse.code_description', columns: { toString: 'a' } }, pool)).toThrow(
    'warehouse.code_description has no column toString',
  );
});
