import type { Sealing } from '@vigil/contracts';
import type { NamedKey } from '@vigil/core';
import type { SourcedRow } from '@vigil/sources';

/** What a mapper of rows about patients needs. A mapper is made anew for each attempt: what it told of a patient once it does not tell again. */
export interface MapperRules extends Sealing {
  readonly tokenKey: NamedKey;
  /** Name of the source in workflows/sources. */
  readonly source: string;
  /** Id in the file ledger; empty for a table. */
  readonly fileId: string;
  /** Milliseconds since the epoch; dates of a later day than the one after it are refused. */
  readonly startedAtMs: number;
}

/** A line of a CSV file with a header: column → text. */
export type CsvRow = Readonly<Record<string, string>>;

/** A line of a file as a row of a table that is as it is. */
export const asSnapshot = (
  row: CsvRow,
  { position = '', place = '' }: { readonly position?: string; readonly place?: string } = {},
): SourcedRow => ({
  change: 'snapshot',
  row,
  position,
  place,
  changedAtMs: null,
});

const dayMs = 86_400_000;

/** The last day that a date may name: one more than today, because it may be tomorrow already where the row was written. */
export const latestDayOf = ({ startedAtMs }: MapperRules): number => Math.floor(startedAtMs / dayMs) + 1;

export const midnightOf = (day: number): number => day * dayMs;
