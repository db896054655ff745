/** The row of reference data that decided. */
export interface Evidence {
  readonly table: string;
  readonly row: string;
  readonly version: number;
}
