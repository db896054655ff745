import type { ReadingAccepted, WindowClosed } from '@vigil/contracts';
import { readVitals, vitalCodes } from '../src/domain/vitals.ts';

export interface RecomputedWindow {
  readonly n: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly stddev: number | null;
  readonly last: number;
}

const windowKey = (patientToken: string, vital: string, windowStart: number): string => `${patientToken} ${vital} ${windowStart}`;

interface Measured {
  readonly value: number;
  readonly order: string;
}

function statisticsOf(measured: readonly Measured[]): RecomputedWindow {
  const values = measured.map(({ value }) => value);
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const last = measured.reduce((latest, candidate) => (candidate.order > latest.order ? candidate : latest));
  return {
    n,
    min: Math.min(...values),
    max: Math.max(...values),
    mean,
    stddev: n < 2 ? null : Math.sqrt(squares / (n - 1)),
    last: last.value,
  };
}

/** Windows of a whole set of readings, computed the plain way: the model that the stream is held against. */
export function recomputeWindows(
  readings: readonly ReadingAccepted[],
  { sizeMs, advanceMs }: { readonly sizeMs: number; readonly advanceMs: number },
): Map<string, RecomputedWindow> {
  const groups = new Map<string, Measured[]>();
  for (const reading of readings) {
    const order = `${String(reading.observedAt).padStart(16, '0')} ${reading.eventId}`;
    const newest = Math.floor(reading.observedAt / advanceMs) * advanceMs;
    for (let start = newest; start > reading.observedAt - sizeMs; start -= advanceMs) {
      for (const [vital, value] of readVitals(reading).entries()) {
        if (Number.isNaN(value)) continue;
        const key = windowKey(reading.patientToken, vitalCodes[vital] as string, start);
        groups.set(key, [...(groups.get(key) ?? []), { value, order }]);
      }
    }
  }
  return new Map([...groups].map(([key, measured]) => [key, statisticsOf(measured)]));
}

/** The last revision of each window, by the same keys. */
export function lastRevisions(windows: readonly WindowClosed[]): Map<string, WindowClosed> {
  const last = new Map<string, WindowClosed>();
  for (const window of windows) {
    const key = windowKey(window.patientToken, window.vital, window.windowStart);
    if (window.revision >= (last.get(key)?.revision ?? 0)) last.set(key, window);
  }
  return last;
}

const isClose = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(1e-9, Math.abs(a), Math.abs(b));

/** What differs between told and recomputed windows: count, least, greatest and last exactly, mean and deviation to 1e-9. */
export function differencesOf(told: Map<string, WindowClosed>, expected: Map<string, RecomputedWindow>): string[] {
  const keys = new Set([...told.keys(), ...expected.keys()]);
  return [...keys].filter((key) => {
    const a = told.get(key);
    const b = expected.get(key);
    if (a === undefined || b === undefined) return true;
    const exact = a.n === b.n && a.min === b.min && a.max === b.max && a.last === b.last;
    const spread =
      a.stddev === null || b.stddev === null ? a.stddev === b.stddev : Math.abs(a.stddev - b.stddev) <= 1e-9 * Math.max(1, b.stddev);
    return !(exact && isClose(a.mean ?? Number.NaN, b.mean) && spread);
  });
}
