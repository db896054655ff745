import { topics } from '@vigil/contracts';
import type { Adoption } from '@vigil/kafka';
import { adoptWard, type CutoverMoment } from '../domain/cutover/adopt-ward.ts';
import type { ClinicalRules } from '../domain/rules.ts';
import { tokenOfRow } from '../state/ward-store.ts';
import type { Stores } from './stores.ts';
import { changedAlert, closedWindow } from './to-emissions.ts';
import { silentWindowing } from './windowing-observer.ts';

export type CutoverOptions = Pick<CutoverMoment, 'pages' | 'wholeFromMs'>;

/** How the live stage goes on from the state of a run: without a page for what is open already, and without one left open. */
export function adoptRun({ windows }: ClinicalRules, options: CutoverOptions): Adoption<Stores> {
  const toAlert = changedAlert(silentWindowing);
  return {
    lastTold: topics.vitalsWindowClosed,
    reconcile({ live, run, nowMs, lastTold }) {
      const toldSizeMs = (lastTold as { readonly sizeMs: number } | null)?.sizeMs ?? null;
      const adopted = adoptWard(live.ward, run.ward, windows, { ...options, nowMs, toldSizeMs });
      const emissions = [...adopted.windows.map(closedWindow), ...adopted.alerts.map(toAlert)];
      return { emissions, unsettled: adopted.unsettled };
    },
    keeps: (store, key, run) => store === 'ward' && run.ward.get(tokenOfRow(key)) === undefined,
  };
}
