import type { TaskResult } from '@vigil/workflows';

export type Cell = string | number | boolean | null;

/** A table that a task made for people. Nothing in it identifies a patient. */
export interface Report {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** What a reader has to know: the period, what was left out and why. */
  readonly notes: readonly string[];
  /** Rows that somebody should look at. */
  readonly findings: number;
  /** Column with the number of people behind a row; null = rows are not about people. */
  readonly peopleColumn: string | null;
}

/** What a report task gives: its counts; the table is kept beside the run. */
export const resultOf = ({ title, rows, findings, notes }: Report, tables: readonly string[]): TaskResult => ({
  counts: { rows: rows.length, findings },
  values: { title, notes, lineage: { inputs: tables.map((name) => ({ kind: 'table', name })), outputs: [] } },
  ref: null,
});
