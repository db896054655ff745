/** A row as its source gives it: column → value as text, number, boolean, JSON or null. */
export type SourceRow = Readonly<Record<string, unknown>>;

export interface SourcedRow {
  readonly change: 'snapshot' | 'insert' | 'update' | 'delete';
  readonly row: SourceRow;
  /** Where to go on behind this row. */
  readonly position: string;
  /** For people: `page 3, item 7`, `0/16B3748`. Never a value of the row. */
  readonly place: string;
  readonly changedAtMs: number | null;
  /** What `acknowledge` must be told of this row when it is safe; absent where the position says all. */
  readonly memo?: string;
  /** No row: a position to be made safe. Its source waits for that, or has nothing else to say of it. */
  readonly isMark?: true;
}

export const markAt = (position: string): SourcedRow => ({
  change: 'snapshot',
  row: {},
  position,
  place: 'no row',
  changedAtMs: null,
  isMark: true,
});

/** A table or feed that is read in rows, from a position on. `read` of a feed that does not end (CDC) ends with `signal`. */
export interface TableSource {
  readonly name: string;
  /** @param position  null = from the beginning */
  read(position: string | null, signal: AbortSignal): AsyncIterable<SourcedRow>;
  /**
   * Tells the source that everything up to `position` is safe (CDC: the slot may forget it), with the memos of the rows
   * since the last call. Telling it again changes nothing.
   */
  acknowledge(position: string, memos: readonly string[]): Promise<void>;
  /** How well a feed that does not end is followed. */
  health?(): 'ok' | 'behind' | 'stalled';
  close(): Promise<void>;
}
