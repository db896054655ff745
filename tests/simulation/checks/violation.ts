/** The invariants of the stream, as the design numbers them, and two that make a schedule worth judging. */
export type Invariant =
  /** Every record has one disposition. */
  | 'I1'
  /** Nothing comes out that did not go in. */
  | 'I2'
  /** Each alarm once. */
  | 'I3'
  /** Order per key. */
  | 'I4'
  /** State after any restore is that of a recomputation. */
  | 'I5'
  /** A sink's stored position and its rows are of one piece. */
  | 'I6'
  /** With every fault gone the stage reads to the end. */
  | 'drained'
  /** No process ends for a reason that it should survive. */
  | 'ended';

export interface Violation {
  readonly invariant: Invariant;
  readonly detail: string;
}

export const countBy = <Item>(items: readonly Item[], nameOf: (item: Item) => string): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(nameOf(item), (counts.get(nameOf(item)) ?? 0) + 1);
  return counts;
};
