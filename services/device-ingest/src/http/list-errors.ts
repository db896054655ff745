import type { ItemError } from './problem.ts';

/** So many errors are listed: who sends more has one mistake many times. */
export const mostErrors = 1000;

/**
 * The errors that an answer lists, and what its detail says of the others; empty = there are none.
 * @param found  how many there are, where `errors` are not all
 */
export const listErrors = (
  errors: readonly ItemError[],
  found = errors.length,
): { readonly errors: readonly ItemError[]; readonly note: string } => ({
  errors: errors.slice(0, mostErrors),
  note: found > mostErrors ? ` The first ${mostErrors} of ${found} errors are listed.` : '',
});
