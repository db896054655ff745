import type { SourceRow } from './table-source.ts';

/**
 * Seals the keys of rows. Only so can a row be told as deleted of which nothing is left but what was kept of it: its hashes
 * tell nobody who it was.
 */
export interface KeySeal {
  /** @returns text of letters, digits, `-` and `_` */
  readonly seal: (text: string) => string;
  /** Null where it was sealed under a key that is gone. */
  readonly open: (sealed: string) => string | null;
}

/** The columns of a row that tell it apart, sealed with their names: values of other columns would name another row. */
export const sealKeyOf = (row: SourceRow, key: readonly string[], { seal }: KeySeal): string =>
  seal(JSON.stringify([key, key.map((column) => row[column] ?? null)]));

/** A row of which only the key is known; null = not even that. */
export function openKeyOf(sealed: string | null, key: readonly string[], { open }: KeySeal): SourceRow | null {
  const text = sealed === null ? null : open(sealed);
  if (text === null) return null;
  const [names, values] = JSON.parse(text) as readonly [unknown, readonly unknown[]];
  // The declaration of the source names another key by now, or it was sealed before names were.
  if (JSON.stringify(names) !== JSON.stringify(key)) return null;
  return Object.fromEntries(key.map((column, at) => [column, values[at]]));
}
