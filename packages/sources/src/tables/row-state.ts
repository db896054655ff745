import { createHash } from 'node:crypto';

/**
 * What was published last of each row of a source: keyed hashes, of a followed table its sealed key, too. Kept where the checkpoints of the job are safe
 * already, so it may lag behind them by one chunk, which is told again.
 */
export interface RowState {
  /** By hash of the key; keys that are not known are absent. */
  known(source: string, keys: readonly string[]): Promise<ReadonlyMap<string, KnownRow>>;
  /**
   * Rows by the hashes of their keys, in order: some of those behind `after` up to `upTo`, none where there are none.
   *
   * @param range  hashes; `after` empty = from the beginning
   */
  between(source: string, range: { readonly after: string; readonly upTo: string }): Promise<readonly KeptRow[]>;
  /** @param rows  key and content; a content of null forgets the row */
  remember(source: string, rows: readonly RowMemo[]): Promise<void>;
  /** Keeps keys of rows that are known already; the others stay unknown. */
  reseal(source: string, rows: readonly ResealedRow[]): Promise<void>;
}

export interface RowMemo {
  /** 32 hexadecimal digits. */
  readonly key: string;
  readonly content: string | null;
  /** Null = not kept: the source never tells what is gone. */
  readonly sealedKey: string | null;
}

/** What was published last of a row. */
export type KnownRow = Pick<RowMemo, 'sealedKey'> & { readonly content: string };

export type ResealedRow = Pick<RowMemo, 'key'> & { readonly sealedKey: string };

/** A row that was published and not deleted since. */
export type KeptRow = Pick<RowMemo, 'key' | 'sealedKey'>;

export const memoOf = (key: string, content: string | null, sealedKey?: string): string =>
  `${key}:${content ?? ''}${sealedKey === undefined ? '' : `:${sealedKey}`}`;

function readMemo(memo: string): RowMemo {
  const [key = '', content = '', sealedKey = null] = memo.split(':');
  return { key, content: content === '' ? null : content, sealedKey };
}

/** The last memo of each row counts. */
export const lastMemos = (memos: readonly string[]): readonly RowMemo[] => [
  ...new Map(memos.map(readMemo).map((memo) => [memo.key, memo])).values(),
];

/** Stand before each value and for a missing one: control characters that no text of a table holds in earnest. */
const valueMark = '\u001f';
const nullMark = '\u001e';

/** What `hashSql` computes in the source's database, of values as PostgreSQL writes them. */
export function hashOf(salt: string, values: readonly (string | null)[]): string {
  let text = salt;
  for (const value of values) text += valueMark + (value ?? nullMark);
  return createHash('md5').update(text, 'utf8').digest('hex');
}
