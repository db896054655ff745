import { openKeyOf, type KeySeal } from './key-seal.ts';
import { memoOf, type KeptRow, type RowState } from './row-state.ts';
import type { SourceRow } from './table-source.ts';

export interface VanishedOptions {
  readonly source: string;
  readonly state: RowState;
  readonly seal: KeySeal;
  readonly key: readonly string[];
  /** Rows that are gone, and of which nobody can say which they were. */
  readonly onUnknown: (rows: number) => void;
}

export interface VanishedRow {
  readonly row: SourceRow;
  readonly memo: string;
}

/** Behind which there is none. */
export const lastHash = 'f'.repeat(32);

async function* keptBetween({ source, state }: VanishedOptions, after: string, upTo: string): AsyncGenerator<KeptRow> {
  for (let at = after; ;) {
    const rows = await state.between(source, { after: at, upTo });
    yield* rows;
    const last = rows.at(-1);
    if (!last) return;
    at = last.key;
  }
}

/**
 * Rows that were published and are not there any more: those between two hashes of keys that a look at the table, in one
 * snapshot of it, did not find.
 *
 * @param after  hash of the key before them; empty = from the beginning
 */
export async function* vanishedRows(
  options: VanishedOptions,
  { after, upTo, found }: { readonly after: string; readonly upTo: string; readonly found: ReadonlySet<string> },
): AsyncGenerator<VanishedRow> {
  const { key, seal, onUnknown } = options;
  let unknown = 0;
  for await (const kept of keptBetween(options, after, upTo)) {
    if (found.has(kept.key)) continue;
    const row = openKeyOf(kept.sealedKey, key, seal);
    if (row) yield { row, memo: memoOf(kept.key, null) };
    else unknown++;
  }
  if (unknown > 0) onUnknown(unknown);
}
