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

interface Sides {
  readonly live: Patient;
  readonly run: Patient;
  /** Windows of this shape that were told live. */
  readonly toldLive: readonly EmittedWindow[];
  readonly rules: WindowRules;
}

const isClose = (a: number | null, b: number | null): boolean =>
  a === null || b === null ? a === b : Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));

/** Equal as readers see it: merging in another order changes the last bits of mean and deviation. */
const isEqual = (a: Statistics, b: Statistics): boolean =>
  a.n === b.n && a.min === b.min && a.max === b.max && a.last === b.last && isClose(a.mean, b.mean) && isClose(a.m2, b.m2);

interface Memory {
  readonly revision: number;
  readonly count: number;
}
interface AdoptedVital extends Memory {
  readonly record?: WindowClosed;
}

function memoryOf(told: readonly EmittedWindow[], start: number, vital: number): Memory {
  const window = told.find((candidate) => candidate.start === start);
  return window ? { revision: at(window.revisions, vital), count: at(window.counts, vital) } : { revision: 0, count: 0 };
}

/** `revision` is the next to tell, `count` the readings that were told: 0 = what is known must be told again when it is final. */
function adoptVital({ live, run, rules, toldLive }: Sides, start: number, vital: number): AdoptedVital {
  const place = { start, sizeMs: rules.sizeMs, vital };
  const [known, wanted] = [memoryOf(toldLive, start, vital), memoryOf(run.emitted, start, vital)];
  const statistics = statisticsOf(run, place);
  const before = statisticsOf(live, place);
  // What was told is known only while nothing came since.
  const isTold = known.revision > 0 && before.n === known.count && isEqual(before, statistics);
  if (isTold || statistics.n === 0) return known;
  if (wanted.revision === 0) return { revision: known.revision, count: 0 };
  const closedBy = known.revision === 0 ? 'watermark' : 'correction';
  const record = windowRecord(run, rules, { start, vital, revision: known.revision, closedBy, statistics });
  return { revision: known.revision + 1, count: statistics.n, record };
}

/**
 * Makes the run's windows those of the live stage. A window that can still be corrected, was told by the run and differs
 * from what was told live is told as the next revision; what was told alike is not told again. Older windows stay as
 * they were told: no reading can change them any more.
 *
 * @param sides  `rules` are those of the run
 */
export function adoptWindows(sides: Sides): WindowAdoption {
  const starts = new Set([...sides.toldLive, ...sides.run.emitted].map(({ start }) => start));
  const emitted: EmittedWindow[] = [];
  const told: WindowClosed[] = [];
  for (const start of [...starts].sort((a, b) => a - b)) {
    const vitals = Array.from({ length: vitalCount }, (_, vital) => adoptVital(sides, start, vital));
    for (const { record } of vitals) if (record) told.push(record);
    emitted.push({ start, revisions: vitals.map(({ revision }) => revision), counts: vitals.map(({ count }) => count) });
  }
  return { emitted, told };
}
