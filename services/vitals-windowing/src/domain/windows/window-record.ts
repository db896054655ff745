import { idOfParts, idPart } from '@vigil/core';
import type { WindowClosed } from '@vigil/contracts';
import type { Patient } from '../patient/patient.ts';
import { codeOfVital, vitalCount } from '../vitals.ts';
import { deviationOf } from './moments.ts';
import { clearStatistics, noStatistics, type Pane, type Statistics } from './pane.ts';
import type { WindowRules } from './window-frames.ts';

export type ClosedBy = 'watermark' | 'idle' | 'correction' | 'update';

/** Index of the first pane at or after `start`, looked for from the newest: that is where windows close. */
function firstPaneOf(panes: readonly Pane[], start: number): number {
  let first = panes.length;
  while (first > 0 && (panes[first - 1] as Pane).start >= start) first--;
  return first;
}

/**
 * Statistics of one vital over the window that starts there, merged from its panes, oldest first.
 *
 * @param total  what they are put into
 */
export function statisticsOf(
  patient: Patient,
  { start, sizeMs, vital }: { readonly start: number; readonly sizeMs: number; readonly vital: number },
  total: Statistics = noStatistics(),
): Statistics {
  clearStatistics(total);
  const { panes } = patient;
  for (let index = firstPaneOf(panes, start); index < panes.length; index++) {
    const pane = panes[index] as Pane;
    if (pane.start >= start + sizeMs) break;
    pane.mergeInto(vital, total);
  }
  // Whoever keeps the statistics keeps no pane.
  total.lastIn = null;
  return total;
}

export interface WindowResult {
  readonly start: number;
  readonly vital: number;
  readonly revision: number;
  readonly closedBy: ClosedBy;
  readonly statistics: Statistics;
}

const codeParts = Array.from({ length: vitalCount }, (_, vital) => idPart(codeOfVital(vital) as string));

/** What ids of one window of one patient have in common: windows are told vital by vital. */
const common = { token: '', start: Number.NaN, sizeMs: Number.NaN, before: '', after: '' };

/** `hashId` of `window`, token, code of the vital, start and size. */
function windowIdOf(
  token: string,
  { start, sizeMs, vital }: { readonly start: number; readonly sizeMs: number; readonly vital: number },
): string {
  if (common.token !== token || common.before === '') {
    common.token = token;
    common.before = idPart('window') + idPart(token);
  }
  if (common.start !== start || common.sizeMs !== sizeMs) {
    common.start = start;
    common.sizeMs = sizeMs;
    common.after = idPart(start) + idPart(sizeMs);
  }
  return idOfParts(common.before + (codeParts[vital] as string) + common.after);
}

/** The record of a window. Its id is the same in every revision. */
export function windowRecord(patient: Patient, { sizeMs }: WindowRules, result: WindowResult): WindowClosed {
  const { start, vital, revision, closedBy, statistics } = result;
  return {
    windowId: windowIdOf(patient.token, { start, sizeMs, vital }),
    patientToken: patient.token,
    vital: codeOfVital(vital) as string,
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
