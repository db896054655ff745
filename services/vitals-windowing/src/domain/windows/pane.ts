import { doublesOf, zeroDoubles } from '../doubles.ts';
import { vitalCount } from '../vitals.ts';

// A pane keeps its numbers in one array of doubles: an object per vital would cost an allocation for each of its fields.
const cellsPerVital = 8;
const N = 0;
const MIN = 1;
const MAX = 2;
const MEAN = 3;
const M2 = 4;
const LAST = 5;
const LAST_AT = 6;
const RECEIVED_AT = 7;

const cleanCellsPerVital = 3;

/** An id, the sample that knows it, or null: it lies where the pane's newest sample left it. Most are overtaken before anybody asks. */
type LastId = string | Sample | null;

const emptyIds: readonly LastId[] = Array.from({ length: vitalCount }, () => '');

/** One measurement on its way into a pane. */
export interface Sample {
  readonly observedAt: number;
  readonly receivedAt: number;
  /** May be decoded when it is asked for. */
  readonly eventId: string;
}

/** A measurement whose event id lies in something larger, from `idFrom` to `idTo`. The same object may be used for the next one. */
export interface LyingSample extends Sample {
  readonly idBytes: Buffer;
  readonly idFrom: number;
  readonly idTo: number;
}

/** Count, mean and sum of squared differences of the readings that may serve as a baseline. */
export interface Moments {
  n: number;
  mean: number;
  m2: number;
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

/** What a pane was before the open batch. */
interface Before {
  cells: number[];
  lastIds: LastId[];
  idBytes: Buffer | null;
  idFrom: number;
  idTo: number;
  clean: number[] | null;
}

const newBefore = (): Before => ({
  cells: zeroDoubles(vitalCount * cellsPerVital),
  lastIds: emptyIds.slice(),
  idBytes: null,
  idFrom: 0,
  idTo: 0,
  clean: null,
});

// Where thousands of patients change in every commit, what remembers them would be most of what there is to collect.
const spare: Before[] = [];
const mostSpare = 8_192;

/** Of the sample at hand, read once: samples have several shapes, and V8 makes an object of every number read of any of them. */
const times = new Float64Array(2);
function noteTimes({ observedAt, receivedAt }: Sample): void {
  times[0] = observedAt;
  times[1] = receivedAt;
}

/**
 * Readings of one patient in a slice of event time, one tally per vital (Welford). Windows are merged from panes, so that
 * a reading costs one update however many windows overlap.
 */
export class Pane {
  readonly start: number;
  #cells: number[];
  #lastIds: LastId[];
  /** Where the id of what was last for several vitals lies: one reference in place of one each, as one from old to new memory is dear. */
  #idBytes: Buffer | null = null;
  #idFrom = 0;
  #idTo = 0;
  /** Moments of the readings outside alarm episodes; null = all were outside, and the cells say the same. */
  #clean: number[] | null;
  /** The content before the open batch. */
  #before: Before | null = null;

  constructor(start: number, content?: PaneContent) {
    this.start = start;
    this.#cells = content ? doublesOf(content.cells) : zeroDoubles(vitalCount * cellsPerVital);
    this.#lastIds = (content?.lastIds ?? emptyIds).slice();
    this.#clean = content?.clean ? doublesOf(content.clean) : null;
  }

  /** @param clean  whether the reading is outside any alarm episode of its vital and so may serve as baseline */
  add(vital: number, value: number, sample: Sample, clean: boolean): void {
    noteTimes(sample);
    if (this.#count(vital, value, sample, clean)) this.#lastIds[vital] = sample;
  }

  /** Counts a value of the sample whose times were noted. Returns whether it is the last of its vital. */
  #count(vital: number, value: number, sample: Sample, clean: boolean): boolean {
    if (!clean || this.#clean !== null) this.#addToBaseline(vital, value, clean);
    const cells = this.#cells;
    const base = vital * cellsPerVital;
    const observedAt = times[0] as number;
    const receivedAt = times[1] as number;
    const n = (cells[base + N] as number) + 1;
    const delta = value - (cells[base + MEAN] as number);
    const mean = (cells[base + MEAN] as number) + delta / n;
    cells[base + N] = n;
    cells[base + MEAN] = mean;
    cells[base + M2] = (cells[base + M2] as number) + delta * (value - mean);
    if (n === 1 || value < (cells[base + MIN] as number)) cells[base + MIN] = value;
    if (n === 1 || value > (cells[base + MAX] as number)) cells[base + MAX] = value;
    if (receivedAt > (cells[base + RECEIVED_AT] as number)) cells[base + RECEIVED_AT] = receivedAt;
    const lastAt = cells[base + LAST_AT] as number;
    if (n > 1 && (observedAt < lastAt || (observedAt === lastAt && sample.eventId <= this.lastId(vital)))) return false;
    cells[base + LAST] = value;
    cells[base + LAST_AT] = observedAt;
    return true;
  }

  /** Adds what was measured of all vitals, outside any alarm episode; `values` from `from` on by vital, NaN = not measured. */
  addAll(values: Float64Array, from: number, sample: LyingSample): void {
    const ids = this.#lastIds;
    let isLast = false;
    noteTimes(sample);
    for (let vital = 0; vital < vitalCount; vital++) {
      const value = values[from + vital] as number;
      if (!Number.isNaN(value) && this.#count(vital, value, sample, true)) {
        isLast = true;
        if (ids[vital] !== null) ids[vital] = null;
      } else if (ids[vital] === null) {
        ids[vital] = this.#lyingId();
      }
    }
    if (!isLast) return;
    this.#idBytes = sample.idBytes;
    this.#idFrom = sample.idFrom;
    this.#idTo = sample.idTo;
  }

  #lyingId(): string {
    return (this.#idBytes as Buffer).toString('utf8', this.#idFrom, this.#idTo);
  }

  #addToBaseline(vital: number, value: number, clean: boolean): void {
    const moments = (this.#clean ??= this.#momentsSoFar());
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
      const from = vital * cellsPerVital;
      const to = vital * cleanCellsPerVital;
      moments[to] = this.#cells[from + N] as number;
      moments[to + 1] = this.#cells[from + MEAN] as number;
      moments[to + 2] = this.#cells[from + M2] as number;
    }
    return moments;
  }

  last(vital: number): number {
    return this.#cells[vital * cellsPerVital + LAST] as number;
  }

  lastId(vital: number): string {
    const last = this.#lastIds[vital] as LastId;
    if (typeof last === 'string') return last;
    return last === null ? this.#lyingId() : (this.#lastIds[vital] = last.eventId);
  }

  /** Mean of this pane's baseline readings of a vital; NaN without one. */
  baselineMean(vital: number): number {
    const moments = this.#clean ?? this.#cells;
    const base = this.#clean === null ? vital * cellsPerVital + N : vital * cleanCellsPerVital;
    if ((moments[base] as number) === 0) return Number.NaN;
    return moments[this.#clean === null ? vital * cellsPerVital + MEAN : base + 1] as number;
  }

  /** Adds this pane's baseline readings of a vital to `total`. */
  mergeBaseline(vital: number, total: Moments): void {
    if (this.#clean === null) {
      const base = vital * cellsPerVital;
      mergeMoments(total, this.#cells[base + N] as number, this.#cells[base + MEAN] as number, this.#cells[base + M2] as number);
      return;
    }
    const base = vital * cleanCellsPerVital;
    mergeMoments(total, this.#clean[base] as number, this.#clean[base + 1] as number, this.#clean[base + 2] as number);
  }

  /** Adds this pane's readings of a vital to `total`. */
  mergeInto(vital: number, total: Statistics): void {
    const base = vital * cellsPerVital;
    const cells = this.#cells;
    const n = cells[base + N] as number;
    if (n === 0) return;
    if (total.n === 0 || (cells[base + MIN] as number) < total.min) total.min = cells[base + MIN] as number;
    if (total.n === 0 || (cells[base + MAX] as number) > total.max) total.max = cells[base + MAX] as number;
    if ((cells[base + RECEIVED_AT] as number) > total.receivedAt) total.receivedAt = cells[base + RECEIVED_AT] as number;
    if (total.lastIn === null || this.#isLaterThan(total.lastIn, vital)) {
      total.last = cells[base + LAST] as number;
      total.lastIn = this;
    }
    mergeMoments(total, n, cells[base + MEAN] as number, cells[base + M2] as number);
  }

  /** Panes of one width do not overlap, but those of before the width was set anew do. */
  #isLaterThan(other: Pane, vital: number): boolean {
    const lastAt = this.#cells[vital * cellsPerVital + LAST_AT] as number;
    const otherAt = other.#cells[vital * cellsPerVital + LAST_AT] as number;
    return lastAt > otherAt || (lastAt === otherAt && this.lastId(vital) > other.lastId(vital));
  }

  /** Lets go of the samples, too: they may hold a whole fetched buffer. */
  content(): PaneContent {
    const ids = this.#lastIds;
    const lying = this.#idBytes === null ? '' : this.#lyingId();
    for (let vital = 0; vital < vitalCount; vital++) {
      const last = ids[vital] as LastId;
      if (typeof last !== 'string') ids[vital] = last === null ? lying : last.eventId;
    }
    this.#idBytes = null;
    return { cells: this.#cells, lastIds: ids as string[], clean: this.#clean };
  }

  /** Remembers the content as it is. */
  remember(): this {
    const before = spare.pop() ?? newBefore();
    const { cells, lastIds } = before;
    for (let cell = 0; cell < cells.length; cell++) cells[cell] = this.#cells[cell] as number;
    for (let vital = 0; vital < vitalCount; vital++) lastIds[vital] = this.#lastIds[vital] as LastId;
    before.idBytes = this.#idBytes;
    before.idFrom = this.#idFrom;
    before.idTo = this.#idTo;
    before.clean = this.#clean === null ? null : this.#clean.slice();
    this.#before = before;
    return this;
  }

  /** Puts back what was remembered. */
  putBack(): void {
    if (this.#before === null) return;
    this.#cells = this.#before.cells;
    this.#lastIds = this.#before.lastIds;
    this.#idBytes = this.#before.idBytes;
    this.#idFrom = this.#before.idFrom;
    this.#idTo = this.#before.idTo;
    this.#clean = this.#before.clean;
    this.#before = null;
  }

  /** Lets go of what was remembered. */
  forget(): void {
    const before = this.#before;
    this.#before = null;
    if (before === null || spare.length === mostSpare) return;
    before.idBytes = null;
    spare.push(before);
  }
}

/** Merges the moments of two disjoint sets of readings. @see Chan, Golub, LeVeque 1979 */
function mergeMoments(total: Moments, n: number, mean: number, m2: number): void {
  if (n === 0) return;
  if (total.n === 0) {
    total.n = n;
    total.mean = mean;
    total.m2 = m2;
    return;
  }
  const sum = total.n + n;
  const delta = mean - total.mean;
  total.mean += (delta * n) / sum;
  total.m2 += m2 + (delta * delta * total.n * n) / sum;
  total.n = sum;
}

export const noMoments = (): Moments => ({ n: 0, mean: 0, m2: 0 });

export const noStatistics = (): Statistics => ({
  ...noMoments(),
  min: 0,
  max: 0,
  last: 0,
  lastIn: null,
  receivedAt: 0,
});

/** Sample standard deviation; null below two readings. */
export const deviationOf = ({ n, m2 }: Moments): number | null => (n < 2 ? null : Math.sqrt(Math.max(0, m2) / (n - 1)));

/** Cell layout, for the changelog. */
export const paneLayout = { cellsPerVital, N, MIN, MAX, MEAN, M2, LAST, LAST_AT, RECEIVED_AT } as const;
