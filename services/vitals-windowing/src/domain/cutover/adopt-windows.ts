import type { WindowClosed } from '@vigil/contracts';
import type { EmittedWindow, Patient } from '../patient/patient.ts';
import { at, vitalCount } from '../vitals.ts';
import type { Statistics } from '../windows/pane.ts';
import type { WindowRules } from '../windows/window-frames.ts';
import { statisticsOf, windowRecord } from '../windows/window-record.ts';

export interface WindowAdoption {
  /** What the stage goes on knowing about windows that can still be corrected. */
  readonly emitted: readonly EmittedWindow[];
  /** Windows that the run told and live readers do not know like that. */
  readonly told: readonly WindowClosed[];
}

export interface WindowSides {
  readonly live: Patient;
  readonly run: Patient;
  /** Those of the run. */
  readonly rules: WindowRules;
  /** Whether live windows have the size of the run's; others have other ids, and nothing of them was told. */
  readonly isSameSize: boolean;
  /** Event time from which on the run saw everything. */
  readonly wholeFromMs: number;
}

const isClose = (a: number | null, b: number | null): boolean =>
  a === null || b === null ? a === b : Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));

/** Equal as readers see it: merging in another order changes the last bits of mean and deviation. */
const isEqual = (a: Statistics, b: Statistics): boolean =>
  a.n === b.n && a.min === b.min && a.max === b.max && a.last === b.last && isClose(a.mean, b.mean) && isClose(a.m2, b.m2);

/** `revision` is the next to tell, `count` the readings that were told: 0 = it must be told again when it is final. */
interface Memory {
  readonly revision: number;
  readonly count: number;
}
const neverTold: Memory = { revision: 0, count: 0 };
/** The live stage may have told it and forgotten that: as a correction it counts either way. */
const maybeTold: Memory = { revision: 1, count: 0 };

const memoryOf = (window: EmittedWindow, vital: number): Memory => ({
  revision: at(window.revisions, vital),
  count: at(window.counts, vital),
});

const windowAt = (windows: readonly EmittedWindow[], start: number): EmittedWindow | undefined =>
  windows.find((candidate) => candidate.start === start);

/** What live readers know of a window. */
function knownLive({ live, rules, isSameSize }: WindowSides, start: number, vital: number): Memory {
  if (!isSameSize) return neverTold;
  const window = windowAt(live.emitted, start);
  if (window) return memoryOf(window, vital);
  return live.emitted.length === 0 && live.clock.maxObservedAt >= start + rules.sizeMs ? maybeTold : neverTold;
}

/** Told live so long ago that it cannot be corrected there, or begun before the run saw everything: it stays as it is. */
const isHistory = ({ live, isSameSize, wholeFromMs }: WindowSides, start: number): boolean =>
  start < wholeFromMs || (isSameSize && start < (live.emitted[0]?.start ?? Number.NEGATIVE_INFINITY));

interface AdoptedVital extends Memory {
  readonly record?: WindowClosed;
}

function adoptVital(sides: WindowSides, start: number, vital: number): AdoptedVital {
  const { live, run, rules } = sides;
  const known = knownLive(sides, start, vital);
  const ofRun = windowAt(run.emitted, start);
  const isToldByRun = ofRun !== undefined && at(ofRun.counts, vital) > 0;
  const place = { start, sizeMs: rules.sizeMs, vital };
  const statistics = statisticsOf(run, place);
  if (isHistory(sides, start)) return { revision: Math.max(known.revision, 1), count: statistics.n };
  const before = statisticsOf(live, place);
  // What was told is known only while nothing came since.
  const isTold = known.count > 0 && before.n === known.count && isEqual(before, statistics);
  if (isTold || statistics.n === 0) return known;
  if (!isToldByRun) return { revision: known.revision, count: 0 };
  const closedBy = known.revision === 0 ? 'watermark' : 'correction';
  const record = windowRecord(run, rules, { start, vital, revision: known.revision, closedBy, statistics });
  return { revision: known.revision + 1, count: statistics.n, record };
}

/**
 * Makes the run's windows those of the live stage. A window that can still be corrected, was told by the run and differs
 * from what was told live is told as the next revision; what was told alike is not told again. Older windows stay as
 * they were told.
 */
export function adoptWindows(sides: WindowSides): WindowAdoption {
  const remembered = [...(sides.isSameSize ? sides.live.emitted : []), ...sides.run.emitted];
  const emitted: EmittedWindow[] = [];
  const told: WindowClosed[] = [];
  for (const start of [...new Set(remembered.map((window) => window.start))].sort((a, b) => a - b)) {
    const vitals = Array.from({ length: vitalCount }, (_, vital) => adoptVital(sides, start, vital));
    for (const { record } of vitals) if (record) told.push(record);
    emitted.push({ start, revisions: vitals.map(({ revision }) => revision), counts: vitals.map(({ count }) => count) });
  }
  return { emitted, told };
}
