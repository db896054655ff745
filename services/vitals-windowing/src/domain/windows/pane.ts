import { doublesOf, zeroDoubles } from '../doubles.ts';
import { copyNumbers, type SavedNumbers } from '../patient/kept-numbers.ts';
import { vitalCount } from '../vitals.ts';
import { mergeMoments, noMoments, type Moments } from './moments.ts';
import {
  cellCount,
  cellsPerVital,
  givePlaceBack,
  ID_BYTES,
  idLengthShift,
  LAST,
  LAST_AT,
  LYING,
  lyingVitals,
  M2,
  MAX,
  MEAN,
  MIN,
  mostIdBytes,
  N,
  numbersPerPane,
  RECEIVED_AT,
  takePlace,
  type PanePlace,
} from './pane-numbers.ts';

const cleanCellsPerVital = 3;

/** An id, or the sample that knows it: most are overtaken before anybody asks. */
type LastId = string | Sample;

const noIds: readonly LastId[] = Object.freeze(Array.from({ length: vitalCount }, () => ''));

/** One measurement on its way into a pane. */
export interface Sample {
  readonly observedAt: number;
  readonly receivedAt: number;
  /** May be decoded when it is asked for. */
  readonly eventId: string;
}

/** What a window is emitted from; `last` is the value of the reading with the greatest (observedAt, eventId). */
export interface Statistics extends Moments {
  min: number;
  max: number;
  last: number;
  /** The pane that holds the reading with that value; null = there is none. */
  lastIn: Pane | null;
  receivedAt: number;
}

/** A pane's content apart from its start. */
export interface PaneContent {
  readonly cells: readonly number[];
  readonly lastIds: readonly string[];
  readonly clean: readonly number[] | null;
}

/** Of the sample at hand, read once: samples have several shapes, and V8 makes an object of every number read of any of them. */
const times = new Float64Array(2);

/** The text's bytes where it may lie among numbers; −1 = it may not. */
function putId(text: string, bytes: Uint8Array, from: number): number {
  const { length } = text;
  if (length > mostIdBytes) return -1;
  for (let index = 0; index < length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) return -1;
    bytes[from + index] = unit;
  }
  return length;
}

/**
 * Readings of one patient in a slice of event time, one tally per vital (Welford). Windows are merged from panes, so that
 * a reading costs one update however many windows overlap.
 *
 * Its numbers lie in a block: those of a patient's newest pane beside the patient's clock.
 */
export class Pane {
  readonly start: number;
  #place: PanePlace = takePlace();
  /** Event ids of what was last, where none lies among the numbers; null = all lie there. Replaced as a whole while a batch is open. */
  #ids: LastId[] | null = null;
  /** Moments of the readings outside alarm episodes; null = all were outside, and the cells say the same. */
  #clean: number[] | null;
  /** Where the numbers of before the open batch are kept; −1 = nothing was remembered. */
  #savedAt = -1;
  #idsBefore: LastId[] | null = null;
  #cleanBefore: number[] | null = null;

  constructor(start: number, content?: PaneContent) {
    this.start = start;
    const { block, base } = this.#place;
    block.numbers.fill(0, base, base + numbersPerPane);
    this.#clean = content?.clean ? doublesOf(content.clean) : null;
    if (content === undefined) return;
    for (let cell = 0; cell < cellCount; cell++) block.numbers[base + N + cell] = content.cells[cell] as number;
    for (let vital = 0; vital < vitalCount; vital++) if (this.count(vital) > 0) this.#noteId(vital, content.lastIds[vital] as string);
  }

  /** Where its numbers lie, until it moves. */
  get place(): PanePlace {
    return this.#place;
  }

  /** Whether its baseline is another than its tallies. */
  get hasBaseline(): boolean {
    return this.#clean !== null;
  }

  count(vital: number): number {
    return this.#cell(vital, N);
  }

  #cell(vital: number, which: number): number {
    const { block, base } = this.#place;
    return block.numbers[base + vital * cellsPerVital + which] as number;
  }

  /** Moves its numbers to a place that is another's, or to one of its own. */
  moveTo(place: PanePlace): void {
    const { block, base } = this.#place;
    copyNumbers(block.numbers, base, place.block.numbers, place.base, numbersPerPane);
    this.#place = place;
  }

  /** Moves out of a place of its own. */
  moveIn(place: PanePlace): void {
    const old = this.#place;
    this.moveTo(place);
    givePlaceBack(old);
  }

  moveOut(): void {
    this.moveTo(takePlace());
  }

  /** @param clean  whether the reading is outside any alarm episode of its vital and so may serve as baseline */
  add(vital: number, value: number, sample: Sample, clean: boolean): void {
    times[0] = sample.observedAt;
    times[1] = sample.receivedAt;
    if (!clean || this.#clean !== null) this.#addToBaseline(vital, value, clean);
    const { block, base } = this.#place;
    const cells = block.numbers;
    const at = base + vital * cellsPerVital;
    const observedAt = times[0];
    const n = (cells[at + N] as number) + 1;
    const lastAt = cells[at + LAST_AT] as number;
    const isLast = n === 1 || observedAt > lastAt || (observedAt === lastAt && sample.eventId > this.lastId(vital));
    countValue(cells, at, value);
    if (times[1] > (cells[at + RECEIVED_AT] as number)) cells[at + RECEIVED_AT] = times[1];
    if (!isLast) return;
    cells[at + LAST] = value;
    cells[at + LAST_AT] = observedAt;
    this.#setId(vital, sample);
  }

  get #lying(): number {
    return (this.#place.block.ints[2 * this.#place.base + LYING] as number) & lyingVitals;
  }

  #setId(vital: number, id: LastId): void {
    const { block, base } = this.#place;
    block.ints[2 * base + LYING] = (block.ints[2 * base + LYING] as number) & ~(1 << vital);
    if (this.#ids === null) this.#ids = noIds.slice();
    else if (this.#savedAt >= 0 && this.#ids === this.#idsBefore) this.#ids = this.#ids.slice();
    this.#ids[vital] = id;
  }

  /** Among the numbers where it may lie there and no other one does. */
  #noteId(vital: number, id: string): void {
    const { block, base } = this.#place;
    const at = 8 * base + ID_BYTES;
    const length = this.#lying === 0 ? putId(id, block.bytes, at) : this.#isLying(id) ? id.length : -1;
    if (length < 0) this.#setId(vital, id);
    else block.ints[2 * base + LYING] = this.#lying | (1 << vital) | (length << idLengthShift);
  }

  #lyingId(): string {
    const { block, base } = this.#place;
    const from = 8 * base + ID_BYTES;
    return block.bytes.toString('latin1', from, from + ((block.ints[2 * base + LYING] as number) >>> idLengthShift));
  }

  #isLying(id: string): boolean {
    const { block, base } = this.#place;
    const from = 8 * base + ID_BYTES;
    if (id.length !== (block.ints[2 * base + LYING] as number) >>> idLengthShift) return false;
    for (let index = 0; index < id.length; index++) if (id.charCodeAt(index) !== block.bytes[from + index]) return false;
    return true;
  }

  /** Keeps the id that lies among the numbers as text for some vitals, a bit each: another one is to lie there. */
  keepId(vitals: number): void {
    const id = this.#lyingId();
    for (let vital = 0; vital < vitalCount; vital++) if ((vitals & (1 << vital)) !== 0) this.#setId(vital, id);
  }

  #addToBaseline(vital: number, value: number, clean: boolean): void {
    if (this.#clean === null) this.#clean = this.#momentsSoFar();
    else if (this.#savedAt >= 0 && this.#clean === this.#cleanBefore) this.#clean = this.#clean.slice();
    const moments = this.#clean;
    if (!clean) return;
    const base = vital * cleanCellsPerVital;
    const n = (moments[base] as number) + 1;
    const delta = value - (moments[base + 1] as number);
    const mean = (moments[base + 1] as number) + delta / n;
    moments[base] = n;
    moments[base + 1] = mean;
    moments[base + 2] = (moments[base + 2] as number) + delta * (value - mean);
  }

  #momentsSoFar(): number[] {
    const moments = zeroDoubles(vitalCount * cleanCellsPerVital);
    for (let vital = 0; vital < vitalCount; vital++) {
      const to = vital * cleanCellsPerVital;
      moments[to] = this.#cell(vital, N);
      moments[to + 1] = this.#cell(vital, MEAN);
      moments[to + 2] = this.#cell(vital, M2);
    }
    return moments;
  }

  last(vital: number): number {
    return this.#cell(vital, LAST);
  }

  lastId(vital: number): string {
    if ((this.#lying & (1 << vital)) !== 0) return this.#lyingId();
    const last = this.#ids?.[vital] ?? '';
    return typeof last === 'string' ? last : last.eventId;
  }

  /** Mean of this pane's baseline readings of a vital; NaN without one. */
  baselineMean(vital: number): number {
    const base = vital * cleanCellsPerVital;
    const n = this.#clean === null ? this.#cell(vital, N) : (this.#clean[base] as number);
    if (n === 0) return Number.NaN;
    return this.#clean === null ? this.#cell(vital, MEAN) : (this.#clean[base + 1] as number);
  }

  /** Adds this pane's baseline readings of a vital to `total`. */
  mergeBaseline(vital: number, total: Moments): void {
    if (this.#clean === null) {
      mergeMoments(total, this.#cell(vital, N), this.#cell(vital, MEAN), this.#cell(vital, M2));
      return;
    }
    const base = vital * cleanCellsPerVital;
    mergeMoments(total, this.#clean[base] as number, this.#clean[base + 1] as number, this.#clean[base + 2] as number);
  }

  /** Adds this pane's readings of a vital to `total`. */
  mergeInto(vital: number, total: Statistics): void {
    const { block, base } = this.#place;
    const cells = block.numbers;
    const at = base + vital * cellsPerVital;
    const n = cells[at + N] as number;
    if (n === 0) return;
    if (total.n === 0 || (cells[at + MIN] as number) < total.min) total.min = cells[at + MIN] as number;
    if (total.n === 0 || (cells[at + MAX] as number) > total.max) total.max = cells[at + MAX] as number;
    if ((cells[at + RECEIVED_AT] as number) > total.receivedAt) total.receivedAt = cells[at + RECEIVED_AT] as number;
    if (total.lastIn === null || this.#isLaterThan(total.lastIn, vital)) {
      total.last = cells[at + LAST] as number;
      total.lastIn = this;
    }
    mergeMoments(total, n, cells[at + MEAN] as number, cells[at + M2] as number);
  }

  /** Panes of one width do not overlap, but those of before the width was set anew do. */
  #isLaterThan(other: Pane, vital: number): boolean {
    const lastAt = this.#cell(vital, LAST_AT);
    const otherAt = other.#cell(vital, LAST_AT);
    return lastAt > otherAt || (lastAt === otherAt && this.lastId(vital) > other.lastId(vital));
  }

  /** Baseline moments, three for each vital; null = the tallies say the same. */
  get clean(): readonly number[] | null {
    return this.#clean;
  }

  /** A copy. */
  content(): PaneContent {
    const { block, base } = this.#place;
    return {
      cells: Array.from(block.numbers.subarray(base + N, base + numbersPerPane)),
      lastIds: Array.from({ length: vitalCount }, (_, vital) => (this.count(vital) === 0 ? '' : this.lastId(vital))),
      clean: this.#clean?.slice() ?? null,
    };
  }

  /** Which event ids lie among the numbers, a bit for each vital. */
  get lyingIds(): number {
    return this.#lying;
  }

  /** Lets go of the samples: they may hold a whole fetched buffer. */
  forgetSamples(): void {
    const ids = this.#ids;
    if (ids === null) return;
    this.#ids = null;
    for (let vital = 0; vital < vitalCount; vital++) {
      const last = ids[vital] as LastId;
      if (this.count(vital) > 0 && (this.#lying & (1 << vital)) === 0) this.#noteId(vital, typeof last === 'string' ? last : last.eventId);
    }
  }

  /** Remembers the content as it is. */
  remember(saved: SavedNumbers): this {
    const { block, base } = this.#place;
    this.#savedAt = saved.save(block.numbers, base, numbersPerPane);
    this.#idsBefore = this.#ids;
    this.#cleanBefore = this.#clean;
    return this;
  }

  /** Puts back what was remembered. */
  putBack(saved: SavedNumbers): void {
    if (this.#savedAt < 0) return;
    const { block, base } = this.#place;
    saved.putBack(this.#savedAt, block.numbers, base, numbersPerPane);
    this.#ids = this.#idsBefore;
    this.#clean = this.#cleanBefore;
    this.forget();
  }

  /** Lets go of what was remembered. */
  forget(): void {
    this.#savedAt = -1;
    this.#idsBefore = null;
    this.#cleanBefore = null;
  }
}

/** Counts a value into the tally that begins at `at`, all but what was last. */
export function countValue(cells: Float64Array, at: number, value: number): void {
  const n = (cells[at + N] as number) + 1;
  const before = cells[at + MEAN] as number;
  const delta = value - before;
  const mean = before + delta / n;
  cells[at + N] = n;
  cells[at + MEAN] = mean;
  cells[at + M2] = (cells[at + M2] as number) + delta * (value - mean);
  if (n === 1 || value < (cells[at + MIN] as number)) cells[at + MIN] = value;
  if (n === 1 || value > (cells[at + MAX] as number)) cells[at + MAX] = value;
}

export const noStatistics = (): Statistics => ({
  ...noMoments(),
  min: 0,
  max: 0,
  last: 0,
  lastIn: null,
  receivedAt: 0,
});

export function clearStatistics(total: Statistics): void {
  total.n = 0;
  total.mean = 0;
  total.m2 = 0;
  total.min = 0;
  total.max = 0;
  total.last = 0;
  total.lastIn = null;
  total.receivedAt = 0;
}
