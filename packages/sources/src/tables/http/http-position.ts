import { changedBefore } from './changed-before.ts';

/** Where a reader of pages stands. */
export interface HttpPosition {
  /** The run that it belongs to. */
  readonly scan: string;
  /** Page: empty = the first, else an address, a cursor or a number. */
  readonly page: string;
  /** Items of the page that are done. */
  readonly items: number;
  /** Pages before it. */
  readonly pages: number;
  /** What the run asked for changes since; empty = everything. */
  readonly since: string;
  /** The newest change that it saw. */
  readonly newest: string;
  readonly etag: string | null;
  readonly lastModified: string | null;
  /** Whether this was the last item of the last page. */
  readonly isEnd: boolean;
}

const beginning: Omit<HttpPosition, 'scan'> = {
  page: '',
  items: 0,
  pages: 0,
  since: '',
  newest: '',
  etag: null,
  lastModified: null,
  isEnd: false,
};

export const writeHttpPosition = (position: HttpPosition): string => JSON.stringify(position);

/**
 * Where a run begins. An attempt of the run that wrote the position goes on there; another run asks anew, for what changed
 * since the end of the last one, or begins again where the last one did not come to its end.
 */
export function startOf(text: string | null, scan: string, overlapMs = 0): HttpPosition {
  const last = text === null || text === '' ? null : (JSON.parse(text) as HttpPosition);
  if (!last) return { ...beginning, scan };
  if (last.scan === scan) return last;
  if (!last.isEnd) return { ...beginning, scan, since: last.since, newest: last.since };
  // What stands in further pages does not show in the first: it says that nothing changed only where it was the only one.
  const { etag, lastModified } = last.pages === 0 ? last : beginning;
  return { ...beginning, scan, since: changedBefore(last.newest, overlapMs), newest: last.newest, etag, lastModified };
}
