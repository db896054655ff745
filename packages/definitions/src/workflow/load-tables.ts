/** What a column of a table holds, and so how a field of a file is read for it. */
export type LoadColumnType = 'text' | 'integer' | 'bigint' | 'double' | 'boolean' | 'date';

export type LoadColumn = {
  /** A row without it is rejected. */
  readonly required: boolean;
} & (
  | { readonly type: Exclude<LoadColumnType, 'text'> }
  /** A row with a longer text is rejected: an index takes no entry beyond some 2,700 bytes, and would refuse all rows beside it. */
  | { readonly type: 'text'; readonly mostCharacters: number }
);

/** A table that rows of files go into without passing the stream: nothing in it is about a person. */
export interface LoadTable {
  readonly database: 'vigil_warehouse';
  /** Those that a file fills. Beside them each row has `src_file` (uuid) and `src_line` (bigint): where it came from. */
  readonly columns: Readonly<Record<string, LoadColumn>>;
}

const text = (mostCharacters: number) => ({ type: 'text', mostCharacters }) as const;
const date = { type: 'date' } as const;
const required = <Type>(column: Type) => ({ ...column, required: true });
const optional = <Type>(column: Type) => ({ ...column, required: false });

/**
 * The tables that a `batch` task may name as its destination, by `schema.table`. Records about people are not among them:
 * they go through the stream, which replaces identity and de-identifies. A table is made by a migration, which also lets
 * `vigil_worker` insert.
 */
export const loadTables: Readonly<Record<string, LoadTable>> = {
  'warehouse.code_description': {
    database: 'vigil_warehouse',
    columns: {
      system: required(text(64)),
      code: required(text(64)),
      description: required(text(4_000)),
      effective_from: optional(date),
      effective_to: optional(date),
    },
  },
};

/** The table of this name; undefined = there is none that files may be loaded into. */
export const loadTableOf = (name: string): LoadTable | undefined => (Object.hasOwn(loadTables, name) ? loadTables[name] : undefined);
