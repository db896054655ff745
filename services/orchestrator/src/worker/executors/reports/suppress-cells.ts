import type { Report } from './report.ts';

/** A cell of fewer people does not leave. @see 45 CFR 164.514 and the CMS cell-size policy */
export const smallestCell = 11;

/**
 * Leaves out rows about fewer than `least` people. No totals stand beside them, so what was left out cannot be told from
 * what was not; how many rows there were is told, which people is not.
 */
export function suppressCells(report: Report, least: number): Report {
  const at = report.peopleColumn === null ? -1 : report.columns.indexOf(report.peopleColumn);
  if (at < 0) return report;
  const rows = report.rows.filter((row) => Number(row[at]) >= least);
  const left = report.rows.length - rows.length;
  return left === 0
    ? report
    : { ...report, rows, notes: [...report.notes, `${left} cells of fewer than ${least} patients were left out.`] };
}
