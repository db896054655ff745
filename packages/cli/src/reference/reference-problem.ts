import { VigilError } from '@vigil/core';

/** Where a row stands. */
export interface RowPlace {
  readonly file: string;
  /** From 1; of a row of several lines the last. */
  readonly line: number;
}

/** One thing that is wrong with a file, without what it says: it may name a member. */
export interface ReferenceProblem extends RowPlace {
  /** Name of the column; empty = the row as a whole. */
  readonly column: string;
  readonly reason: string;
}

/** `members.csv:12 birth_date: no calendar date YYYY-MM-DD` */
export const problemText = ({ file, line, column, reason }: ReferenceProblem): string =>
  `${file}:${line}${column === '' ? '' : ` ${column}`}: ${reason}`;

const mostTold = 100;

/** All problems as one error, in the order of the files. */
export function referenceError(problems: readonly ReferenceProblem[]): VigilError {
  const told = problems.slice(0, mostTold).map((problem) => `\n  ${problemText(problem)}`);
  const more = problems.length > mostTold ? `\n  … and ${problems.length - mostTold} more` : '';
  return new VigilError('BAD_REFERENCE_DATA', { detail: `${told.join('')}${more}\n` });
}
