import type { WindowClosed } from '@vigil/contracts';

/** Last revision of every window, by (patient, vital, start). */
export type WindowTable = ReadonlyMap<string, WindowClosed>;

const keyOf = ({ patientToken, vital, windowStart }: WindowClosed): string => `${patientToken} ${vital} ${windowStart}`;

/** @param before  windows from this start on are left out: they were opened only to push the clocks */
export function tableOf(windows: Iterable<WindowClosed>, before: number): WindowTable {
  const table = new Map<string, WindowClosed>();
  for (const window of windows) {
    if (window.windowStart >= before) continue;
    const key = keyOf(window);
    if (window.revision >= (table.get(key)?.revision ?? 0)) table.set(key, window);
  }
  return table;
}

const exact = ['windowId', 'sizeMs', 'n', 'min', 'max', 'last', 'receivedAt'] as const;
/** The order in which parts of a window are merged changes the last bits of these. */
const nearly = ['mean', 'stddev'] as const;
const tolerance = 1e-9;

const isNear = (one: number | null, other: number | null): boolean =>
  one === other || (one !== null && other !== null && Math.abs(one - other) <= tolerance * Math.max(Math.abs(one), Math.abs(other)));

const differs = (one: WindowClosed, other: WindowClosed): string | undefined =>
  exact.find((field) => one[field] !== other[field]) ?? nearly.find((field) => !isNear(one[field], other[field]));

export interface Comparison {
  readonly windows: number;
  /** Of each difference what it is, not whose: the first few. */
  readonly differences: readonly string[];
  readonly equal: boolean;
}

const told = 5;

/** Value by value, both ways. Two empty tables are not equal: nothing was compared. */
export function compareWindows(ours: WindowTable, theirs: WindowTable): Comparison {
  const differences: string[] = [];
  const note = (what: string): void => void (differences.length < told && differences.push(what));
  for (const [key, window] of ours) {
    const other = theirs.get(key);
    const field = other && differs(window, other);
    if (other === undefined) note(`only ours has ${window.vital} from ${window.windowStart}`);
    else if (field !== undefined)
      note(`${field} of ${window.vital} from ${window.windowStart}: ours ${window[field as 'n']}, theirs ${other[field as 'n']}`);
  }
  for (const [key, window] of theirs) if (!ours.has(key)) note(`only theirs has ${window.vital} from ${window.windowStart}`);
  return { windows: ours.size, differences, equal: ours.size > 0 && differences.length === 0 };
}

/** Readings of one vital over all windows: what went in must have come out. */
export function readingsIn(table: WindowTable, vital: string): number {
  let readings = 0;
  for (const window of table.values()) if (window.vital === vital) readings += window.n;
  return readings;
}
