import type { TableIndex } from '@vigil/kafka';
import type { Day } from '../domain/claim-world.ts';

/** A row of reference data: in force from a day to a day, both included. */
export interface EffectiveRow {
  readonly version: number;
  readonly effectiveFrom: Day;
  readonly effectiveTo: Day | null;
}

/** Rows, and the days on which it is these rows that are in force. */
interface Span<Row> {
  readonly from: Day;
  readonly to: Day;
  readonly rows: readonly Row[];
}

/** Where no row is in force: always the same, whatever was asked for. Not frozen: V8 makes an object for each step through an array that is. */
export const noRows: readonly never[] = [];

/** What is found under a part of an entity's name; under the whole name its versions. */
export class EffectiveNode<Row extends EffectiveRow> {
  readonly #children = new Map<string, EffectiveNode<Row>>();
  /** The greatest version first; of equal ones that which began last. */
  readonly #rows: Row[] = [];
  /** Of the children, as last asked for; null = something changed since. */
  #span: Span<Row> | null = null;

  at(part: string): EffectiveNode<Row> | undefined {
    return this.#children.get(part);
  }

  /** Of each child the row in force on a day. Most days ask for the same rows: they are put together once. */
  childrenInForce(day: Day): readonly Row[] {
    if (this.#span === null || day < this.#span.from || day > this.#span.to) this.#span = this.#spanAround(day);
    return this.#span.rows;
  }

  /** Of the rows in force on a day that with the greatest version: the very object, as long as it is in force. */
  inForce(day: Day): Row | undefined {
    for (const row of this.#rows) if (row.effectiveFrom <= day && (row.effectiveTo === null || day <= row.effectiveTo)) return row;
    return undefined;
  }

  add([part, ...rest]: readonly string[], row: Row): void {
    this.#span = null;
    if (part === undefined) {
      const later = this.#rows.findIndex((other) => precedes(row, other));
      this.#rows.splice(later < 0 ? this.#rows.length : later, 0, row);
      return;
    }
    let child = this.#children.get(part);
    if (!child) this.#children.set(part, (child = new EffectiveNode()));
    child.add(rest, row);
  }

  /** @param row  one that was added under that name */
  remove([part, ...rest]: readonly string[], row: Row): void {
    this.#span = null;
    if (part === undefined) this.#rows.splice(this.#rows.indexOf(row), 1);
    else this.#children.get(part)?.remove(rest, row);
  }

  #spanAround(day: Day): Span<Row> {
    const children = [...this.#children.values()];
    const found = children.map((child) => child.inForce(day)).filter((row) => row !== undefined);
    let from = Number.NEGATIVE_INFINITY;
    let next = Number.POSITIVE_INFINITY;
    // On this day another row may be in force than on the day before.
    const turn = (on: Day): void => {
      if (on > day) next = Math.min(next, on);
      else from = Math.max(from, on);
    };
    for (const { effectiveFrom, effectiveTo } of children.flatMap((child) => child.#rows)) {
      turn(effectiveFrom);
      if (effectiveTo !== null) turn(effectiveTo + 1);
    }
    return { from, to: next - 1, rows: found.length > 0 ? found : noRows };
  }
}

const precedes = (row: EffectiveRow, other: EffectiveRow): boolean =>
  row.version > other.version || (row.version === other.version && row.effectiveFrom > other.effectiveFrom);

/**
 * An index over a broadcast table whose records are versions of entities: looking up takes a step per part of the name and
 * one per version, however large the table is.
 *
 * @param nameOf  the parts of an entity's name, always as many
 */
export function openEffectiveIndex<Row extends EffectiveRow>(nameOf: (row: Row) => readonly string[]): TableIndex<EffectiveNode<Row>, Row> {
  const root = new EffectiveNode<Row>();
  const rows = new Map<string, Row>();
  return {
    view: root,
    put(key, row) {
      const old = rows.get(key);
      if (old) root.remove(nameOf(old), old);
      rows.delete(key);
      if (row === null) return;
      rows.set(key, row);
      root.add(nameOf(row), row);
    },
  };
}
