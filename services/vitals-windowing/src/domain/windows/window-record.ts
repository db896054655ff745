import { hashId } from '@vigil/core';
import type { WindowClosed } from '@vigil/contracts';
import type { Patient } from '../patient/patient.ts';
import { codeOfVital } from '../vitals.ts';
import { deviationOf, noStatistics, type Pane, type Statistics } from './pane.ts';
import type { WindowRules } from './window-frames.ts';

export type ClosedBy = 'watermark' | 'idle' | 'correction' | 'update';

/** Index of the first pane at or after `start`, looked for from the newest: that is where windows close. */
function firstPaneOf(panes: readonly Pane[], start: number): number {
  let first = panes.length;
  while (first > 0 && (panes[first - 1] as Pane).start >= start) first--;
  return first;
}

/** Statistics of one vital over the window that starts there, merged from its panes, oldest first. */
export function statisticsOf(patient: Patient, { start, sizeMs, vital }: { start: number; sizeMs: number; vital: number }): Statistics {
  const total = noStatistics();
  const { panes } = patient;
  for (let index = firstPaneOf(panes, start); index < panes.length; index++) {
    const pane = panes[index] as Pane;
    if (pane.start >= start + sizeMs) break;
    pane.mergeInto(vital, total);
  }
  return total;
}

export interface WindowResult {
  readonly start: number;
  readonly vital: number;
  readonly revision: number;
  readonly closedBy: ClosedBy;
  readonly statistics: Statistics;
}

/** The record of a window. Its id is the same in every revision. */
export function windowRecord(patient: Patient, { sizeMs }: WindowRules, result: WindowResult): WindowClosed {
  const { start, vital, revision, closedBy, statistics } = result;
  const code = codeOfVital(vital) as string;
  return {
    windowId: hashId('window', patient.token, code, start, sizeMs),
    patientToken: patient.token,
    vital: code,
    windowStart: start,
    sizeMs,
    revision,
    closedBy,
    n: statistics.n,
    min: statistics.min,
    max: statistics.max,
    mean: statistics.mean,
    stddev: deviationOf(statistics),
    last: statistics.last,
    receivedAt: statistics.receivedAt,
  };
}
