import { NumberBlock } from '../patient/kept-numbers.ts';
import { vitalCount } from '../vitals.ts';

// Where a pane's numbers lie, counted from its place. The first five hold the event id of its newest reading as bytes.
/** In integers: which vitals were last measured by the reading whose event id lies here (a bit each), and that id's length. */
export const LYING = 0;
export const lyingVitals = (1 << vitalCount) - 1;
export const idLengthShift = 8;
/** In bytes behind the beginning. */
export const ID_BYTES = 4;
/** A longer event id, or one that is not ASCII, is kept as text. */
export const mostIdBytes = 36;
/** Tallies begin here: for each vital so many, as follows. */
export const cellsPerVital = 8;
export const N = 5;
export const MIN = 6;
export const MAX = 7;
export const MEAN = 8;
export const M2 = 9;
export const LAST = 10;
export const LAST_AT = 11;
export const RECEIVED_AT = 12;
export const cellCount = vitalCount * cellsPerVital;
export const numbersPerPane = N + cellCount;

/** Where one pane's numbers lie. */
export interface PanePlace {
  readonly block: NumberBlock;
  readonly base: number;
}

const panesPerBlock = 64;
const mostFree = 256;
const free: PanePlace[] = [];
let newest: NumberBlock | null = null;
let taken = 0;

/** A place for a pane that is not its patient's newest; what lies there is of any kind. It is gone with the last pane of its block. */
export function takePlace(): PanePlace {
  const known = free.pop();
  if (known !== undefined) return known;
  if (newest === null || taken === panesPerBlock) {
    newest = new NumberBlock(panesPerBlock * numbersPerPane);
    taken = 0;
  }
  return { block: newest, base: numbersPerPane * taken++ };
}

/** Gives a place back that nobody looks at any more. */
export function givePlaceBack(place: PanePlace): void {
  if (free.length < mostFree) free.push(place);
}
