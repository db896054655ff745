import type { NumberBlock } from '../patient/kept-numbers.ts';
import {
  CUT,
  MAX_OBSERVED_AT,
  NEWEST_PANE,
  PROCESSED_AT,
  QUIET_FROM,
  QUIET_TO,
  RECEIVED_AT as CLOCK_RECEIVED_AT,
  SAVED_IN,
  baseOf,
} from '../patient/patient-numbers.ts';
import { nobody, type Ward } from '../patient/ward.ts';
import { vitalCount } from '../vitals.ts';
import { cellsPerVital, ID_BYTES, idLengthShift, LAST, LAST_AT, LYING, lyingVitals, mostIdBytes, N, RECEIVED_AT } from './pane-numbers.ts';
import { countValue } from './pane.ts';

/** Where a reading's numbers stand. */
export const OBSERVED_AT = 0;
export const TAKEN_AT = 1;
/** From here on by vital; NaN = not measured. */
export const VITALS = 2;

/** A reading of which the numbers are read, and the texts lie in `bytes`: the token between the first two of `texts`, the event id between the next. */
export interface LyingReading {
  readonly bytes: Buffer;
  readonly numbers: Float64Array;
  readonly texts: Int32Array;
}

interface Cut {
  /** By which change of the windows' size a patient must be cut. */
  readonly cut: number;
}

interface WardAt {
  readonly stores: { readonly ward: Ward };
  /** The task's clock. */
  readonly nowMs: number;
}

const undecided = -1;

/** Which vitals were measured, a bit each. */
function measuredIn(numbers: Float64Array): number {
  let measured = 0;
  for (let vital = 0; vital < vitalCount; vital++) {
    if (!Number.isNaN(numbers[VITALS + vital])) measured |= 1 << vital;
  }
  return measured;
}

/** Of those measured, the vitals of which the reading is the last; `undecided` = the event ids of two of the same time must tell. */
function lastAmong(measured: number, kept: Float64Array, pane: number, observedAt: number): number {
  let last = 0;
  for (let vital = 0; vital < vitalCount; vital++) {
    if ((measured & (1 << vital)) === 0) continue;
    const at = pane + vital * cellsPerVital;
    const lastAt = kept[at + LAST_AT] as number;
    if (kept[at + N] === 0 || observedAt > lastAt) last |= 1 << vital;
    else if (observedAt === lastAt) return undecided;
  }
  return last;
}

/** Whether the id may lie among numbers. */
function isPlainId(bytes: Buffer, from: number, to: number): boolean {
  if (to - from > mostIdBytes) return false;
  let all = 0;
  for (let at = from; at < to; at++) all |= bytes[at] as number;
  return all < 0x80;
}

/** The reading's event id takes the place of the one that lies there. */
function putId({ ints, bytes }: NumberBlock, pane: number, reading: LyingReading, last: number): void {
  const from = reading.texts[2] as number;
  const length = (reading.texts[3] as number) - from;
  const to = 8 * pane + ID_BYTES;
  ints[2 * pane + LYING] = last | (length << idLengthShift);
  for (let index = 0; index < length; index++) bytes[to + index] = reading.bytes[from + index] as number;
}

function countAll(kept: Float64Array, pane: number, { numbers }: LyingReading, measured: number, last: number): void {
  const observedAt = numbers[OBSERVED_AT] as number;
  const receivedAt = numbers[TAKEN_AT] as number;
  for (let vital = 0; vital < vitalCount; vital++) {
    const bit = 1 << vital;
    if ((measured & bit) === 0) continue;
    const at = pane + vital * cellsPerVital;
    const value = numbers[VITALS + vital] as number;
    countValue(kept, at, value);
    if (receivedAt > (kept[at + RECEIVED_AT] as number)) kept[at + RECEIVED_AT] = receivedAt;
    if ((last & bit) === 0) continue;
    kept[at + LAST] = value;
    kept[at + LAST_AT] = observedAt;
  }
}

/**
 * A reading of a known patient within the quiet span, where windows are all that is wanted: into clock and newest pane, whose
 * numbers lie side by side, without a look at the patient. False = it is none of these, or more than numbers would change;
 * then nothing was changed.
 */
export function addQuickly(reading: LyingReading, { cut }: Cut, { stores: { ward }, nowMs }: WardAt): boolean {
  const { bytes, numbers, texts } = reading;
  const slot = ward.slotOf(bytes, texts[0] as number, texts[1] as number);
  if (slot === nobody) return false;
  const block = ward.blockAt(slot);
  const kept = block.numbers;
  const base = baseOf(slot);
  const observedAt = numbers[OBSERVED_AT] as number;
  if (!(observedAt < (kept[base + QUIET_TO] as number) && observedAt >= (kept[base + QUIET_FROM] as number))) return false;
  const measured = measuredIn(numbers);
  if (measured === 0 || kept[base + CUT] !== cut || !isPlainId(bytes, texts[2] as number, texts[3] as number)) return false;
  const pane = base + NEWEST_PANE;
  const isNewest = observedAt > (kept[base + MAX_OBSERVED_AT] as number);
  const last = isNewest ? measured : lastAmong(measured, kept, pane, observedAt);
  if (last === undecided || (kept[base + SAVED_IN] !== ward.batch && !ward.at(slot).saveNumbers(ward.batch))) return false;

  const stays = (block.ints[2 * pane + LYING] as number) & lyingVitals & ~last;
  if (last !== 0 && stays !== 0) ward.at(slot).keepId(stays);
  if (last !== 0) putId(block, pane, reading, last);
  countAll(kept, pane, reading, measured, last);
  kept[base + PROCESSED_AT] = nowMs;
  const receivedAt = numbers[TAKEN_AT] as number;
  if (receivedAt > (kept[base + CLOCK_RECEIVED_AT] as number)) kept[base + CLOCK_RECEIVED_AT] = receivedAt;
  if (isNewest) kept[base + MAX_OBSERVED_AT] = observedAt;
  return true;
}
