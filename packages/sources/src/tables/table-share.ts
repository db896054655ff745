/** One of several parts of a table, which are read beside each other: its rows are those whose key hashes into it. */
export interface TableShare {
  /** From 0. */
  readonly part: number;
  readonly of: number;
}

/** Hashes of keys, as hexadecimal text: from the first on, below the second. */
export interface HashRange {
  readonly from: string;
  readonly below: string;
}

/** Behind every hexadecimal digit. */
const end = 'g';
const hashes = 2 ** 32;

const boundAt = (part: number, of: number): string =>
  part === of
    ? end
    : Math.floor((part * hashes) / of)
        .toString(16)
        .padStart(8, '0');

/**
 * The hashes of a share. Hashes lie evenly whatever the keys are, so the parts are of one size without a look at the table,
 * and the same in each attempt.
 */
export const hashRangeOf = ({ part, of }: TableShare): HashRange => ({ from: boundAt(part, of), below: boundAt(part + 1, of) });

export const wholeTable: TableShare = { part: 0, of: 1 };
