import { ApiProblem } from '../../api/problem.ts';

/** Where a page ends: the sort keys of its last item, as PostgreSQL writes them. */
export type CursorKeys = readonly [string, string];

const writeCursor = (keys: CursorKeys): string => Buffer.from(JSON.stringify(keys), 'utf8').toString('base64url');

/** What the keys of a list may be: a cursor comes from outside, and SQL casts them. */
export interface CursorShape {
  readonly first: RegExp;
  readonly second: RegExp;
}

const timestampText = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d(:\d\d)?$/;
const uuidText = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
/** Keys of a list ordered by a time, then an id. */
export const byTime: CursorShape = { first: timestampText, second: uuidText };
/** Keys of a list ordered by a name alone. */
export const byName: CursorShape = { first: /^[\w./-]{1,300}$/, second: /^$/ };
/** Keys of a list ordered by a number. */
export const byNumber: CursorShape = { first: /^\d{1,15}$/, second: /^$/ };
/** Keys of a list ordered by a time alone. */
export const byTimeAlone: CursorShape = { first: timestampText, second: /^$/ };

/** @throws ApiProblem BAD_REQUEST where it is no cursor of such a list */
export function readCursor(cursor: string | undefined, { first, second }: CursorShape): readonly [string | null, string | null] {
  if (cursor === undefined) return [null, null];
  try {
    const keys = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown;
    if (Array.isArray(keys) && keys.length === 2) {
      const [a, b] = keys.map(String) as [string, string];
      if (first.test(a) && second.test(b)) return [a, b];
    }
  } catch {
    // Told below.
  }
  throw new ApiProblem('BAD_REQUEST', 'query.cursor: not one that this list gave.');
}

/** A page of at most `limit` of the rows, which are one more where there are more. */
export function pageOfRows<Row, Item>(
  rows: readonly Row[],
  limit: number,
  { toItem, keysOf }: { readonly toItem: (row: Row) => Item; readonly keysOf: (row: Row) => CursorKeys },
): { items: Item[]; next: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(toItem), next: rows.length > limit && last !== undefined ? writeCursor(keysOf(last)) : null };
}
