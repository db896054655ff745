/**
 * Where the values of a row go, one call per column in the order of the columns, by the column's type in PostgreSQL.
 * Values are handed on as they are, so that a row costs no object. null is NULL.
 */
export interface RowValues {
  int2(value: number | null): void;
  int4(value: number | null): void;
  int8(value: number | null): void;
  float8(value: number | null): void;
  bool(value: boolean | null): void;
  text(value: string | null): void;
  textArray(values: readonly string[]): void;
  /** @param id  32 hexadecimal digits */
  uuid(id: string | null): void;
  /** @param epochMs  milliseconds since 1970 */
  timestamptz(epochMs: number): void;
  /** @param json  text that is JSON */
  jsonb(json: string): void;
}

/** A table with its columns in the order in which rows are written. */
export interface RowTable {
  readonly table: string;
  readonly columns: readonly string[];
}
